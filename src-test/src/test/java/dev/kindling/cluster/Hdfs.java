package dev.kindling.cluster;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.hdfs.DistributedFileSystem;
import org.apache.hadoop.hdfs.MiniDFSCluster;
import org.apache.hadoop.hdfs.protocol.HdfsConstants;

/** A NameNode and a DataNode in this JVM, on free ports of the loopback; blocks of 1 MiB. */
final class Hdfs implements AutoCloseable {
  private final MiniDFSCluster cluster;
  private final DistributedFileSystem files;

  Hdfs(Path folder) throws IOException {
    Configuration configuration = new Configuration();
    configuration.set("dfs.replication", "1");
    configuration.set("dfs.blocksize", "1m");
    cluster = new MiniDFSCluster.Builder(configuration, folder.toFile()).numDataNodes(1).build();
    cluster.waitActive();
    files = cluster.getFileSystem();
  }

  /** The address of a path. */
  String at(String path) {
    return "hdfs://127.0.0.1:" + cluster.getNameNodePort() + path;
  }

  private static org.apache.hadoop.fs.Path path(String path) {
    return new org.apache.hadoop.fs.Path(path);
  }

  boolean exists(String path) throws IOException {
    return files.exists(path(path));
  }

  byte[] read(String path) throws IOException {
    try (InputStream in = files.open(path(path))) {
      return in.readAllBytes();
    }
  }

  void write(String path, byte[] bytes) throws IOException {
    try (OutputStream out = files.create(path(path), true)) {
      out.write(bytes);
    }
  }

  void delete(String path) throws IOException {
    files.delete(path(path), false);
  }

  JsonNode json(String path) throws IOException {
    return new ObjectMapper().readTree(read(path));
  }

  /** Makes a folder in which there is room for so many bytes. */
  void limit(String folder, long bytes) throws IOException {
    files.mkdirs(path(folder));
    files.setQuota(path(folder), HdfsConstants.QUOTA_DONT_SET, bytes);
  }

  /** The steps of the committed checkpoints, the newest first. */
  List<Integer> committed(String checkpoints) throws IOException {
    List<Integer> steps = new ArrayList<>();
    if (exists(checkpoints)) {
      for (FileStatus status : files.listStatus(path(checkpoints))) {
        String name = status.getPath().getName();
        if (name.startsWith("step-") && exists(checkpoints + "/" + name + "/COMMITTED")) {
          steps.add(Integer.parseInt(name.substring("step-".length())));
        }
      }
    }
    steps.sort(Comparator.reverseOrder());
    return steps;
  }

  /** The file of a checkpoint that holds the parameters. */
  String parameters(String checkpoints, int step) throws IOException {
    for (FileStatus status : files.listStatus(path(checkpoints + "/step-" + step))) {
      if (status.getPath().getName().endsWith(".safetensors")) {
        return status.getPath().toUri().getPath();
      }
    }
    throw new AssertionError("no parameters in step-%d of %s".formatted(step, checkpoints));
  }

  @Override
  public void close() {
    cluster.shutdown();
  }
}
