package dev.kindling.ps.transport;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.QueryStringDecoder;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers short questions over HTTP to anybody who reaches a port, and lets nobody hold it: a
 * connection asks once, has so many milliseconds for its question and the answer together, however
 * slowly it sends or reads, and of too many connections the oldest ends. One thread, which never
 * waits for a client. Thread-safe.
 */
public final class HttpPort implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(HttpPort.class);

  private static final int LONGEST_LINE = 1024;
  private static final int LONGEST_HEADERS = 8192;
  private static final int LONGEST_BODY = 1024;
  private static final int MOST_CONNECTIONS = 128;
  private static final int BACKLOG = 128;
  private static final int BAD_REQUEST = 400;

  private final Questions questions;
  private final long millis;
  private final EventLoopGroup thread;
  private final Channel channel;

  /** The open connections, the oldest first; only the port's thread knows them. */
  private final Queue<Channel> open = new ArrayDeque<>();

  /** What is asked. */
  @FunctionalInterface
  public interface Questions {
    /** The answer to a request, at once: others wait for it. */
    Answer answer(String method, String path);
  }

  /** What is sent, with HTTP's number of its kind. */
  public record Answer(int status, String text) {}

  /**
   * Starts to listen.
   *
   * @param port 0 for any free one
   * @param millis a connection lasts no longer
   * @throws IOException if the port is taken
   */
  public HttpPort(String host, int port, long millis, Questions questions) throws IOException {
    this.questions = questions;
    this.millis = millis;
    EventLoops loops = EventLoops.best();
    thread = loops.create(1, "kindling-status");
    ChannelFuture bound =
        new ServerBootstrap()
            .group(thread)
            .channel(loops.serverChannel())
            .option(ChannelOption.SO_BACKLOG, BACKLOG)
            .option(ChannelOption.SO_REUSEADDR, true)
            .childHandler(
                new ChannelInitializer<>() {
                  @Override
                  protected void initChannel(Channel child) {
                    accept(child);
                  }
                })
            .bind(host, port)
            .awaitUninterruptibly();
    if (!bound.isSuccess()) {
      stopThread();
      throw new IOException(bound.cause().getMessage(), bound.cause());
    }
    channel = bound.channel();
  }

  private void accept(Channel child) {
    if (open.size() == MOST_CONNECTIONS) {
      open.element().close();
    }
    open.add(child);
    var end = child.eventLoop().schedule(() -> child.close(), millis, TimeUnit.MILLISECONDS);
    child
        .closeFuture()
        .addListener(
            closed -> {
              open.remove(child);
              end.cancel(false);
            });
    child
        .pipeline()
        .addLast(
            new HttpServerCodec(LONGEST_LINE, LONGEST_HEADERS, LONGEST_BODY),
            new HttpObjectAggregator(LONGEST_BODY),
            new Answering());
  }

  /** The port it listens on. */
  public int port() {
    return ((InetSocketAddress) channel.localAddress()).getPort();
  }

  @Override
  public void close() {
    channel.close().awaitUninterruptibly();
    stopThread();
  }

  private void stopThread() {
    thread.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
  }

  /** The end of a connection's pipeline. */
  private final class Answering extends SimpleChannelInboundHandler<FullHttpRequest> {
    @Override
    protected void channelRead0(ChannelHandlerContext context, FullHttpRequest request) {
      Answer answer =
          request.decoderResult().isSuccess()
              ? questions.answer(
                  request.method().name(), new QueryStringDecoder(request.uri()).path())
              : new Answer(BAD_REQUEST, "this is no request\n");
      context.writeAndFlush(response(answer)).addListener(ChannelFutureListener.CLOSE);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
      LOG.debug("{}: {}", context.channel().remoteAddress(), cause.toString());
      context.close();
    }
  }

  private static FullHttpResponse response(Answer answer) {
    FullHttpResponse response =
        new DefaultFullHttpResponse(
            HttpVersion.HTTP_1_1,
            HttpResponseStatus.valueOf(answer.status),
            Unpooled.copiedBuffer(answer.text, StandardCharsets.UTF_8));
    response
        .headers()
        .set(HttpHeaderNames.CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")
        .set(HttpHeaderNames.CONTENT_LENGTH, response.content().readableBytes())
        .set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
    return response;
  }
}
