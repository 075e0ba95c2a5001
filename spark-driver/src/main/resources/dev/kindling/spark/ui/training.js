// Asks for the events of training and draws them. No library, nothing from the internet.
(function () {
  'use strict';
  const PARTS = ['batch', 'forward', 'backward', 'exchange', 'update', 'waiting'];
  const EVERY = 1000;
  const MOST_POINTS = 600;
  const root = document.getElementById('training');
  const base = root.dataset.base;
  const runs = new Map();
  let next = 0;
  let live = false;
  let chosen = null;
  let lastDrawn = '';

  // ---- the events become runs ----

  function take(event) {
    if (!runs.has(event.run)) {
      runs.set(event.run, {number: event.run, progress: [], epochs: [], evaluations: [], checkpoints: [], notes: [], workers: []});
    }
    const run = runs.get(event.run);
    const v = event.values;
    run.last = event.time;
    switch (event.kind) {
      case 'started': Object.assign(run, {start: v, began: event.time}); break;
      case 'progress': run.before = run.newest; run.newest = {time: event.time, ...v}; run.progress.push(run.newest); break;
      case 'epoch': run.epochs = run.epochs.filter(e => e.epoch !== v.epoch).concat([{time: event.time, ...v}]); break;
      case 'evaluation': run.evaluations = run.evaluations.filter(e => e.step !== v.step).concat([{time: event.time, ...v}]); break;
      case 'stopped_early': run.notes.push({time: event.time, text: v.metric + ' has not become better ' + v.patience + ' times in a row: the run ends; best was ' + fixed(4)(v.best) + ' at step ' + whole(v.bestStep)}); break;
      case 'restart': run.notes.push({time: event.time, text: 'workers lost, going on with ' + v.workers + ': ' + v.reason}); break;
      case 'checkpoint': run.checkpoints.push({time: event.time, step: v.step}); break;
      case 'checkpoint_failed': run.notes.push({time: event.time, text: 'no checkpoint was written: ' + v.reason}); break;
      case 'ended': run.ended = {time: event.time, outcome: v.outcome}; break;
    }
  }

  async function ask() {
    try {
      let more = true;
      while (more) {
        const answer = await (await fetch(base + 'events?from=' + next)).json();
        answer.events.forEach(take);
        next = answer.next;
        live = answer.live;
        more = answer.more;
      }
      draw();
    } catch (gone) {
      live = false; // the application has ended; what is drawn stays
      draw();
      return;
    }
    if (live) { setTimeout(ask, EVERY); }
  }

  // ---- words and numbers ----

  function h(tag, attributes, ...children) {
    const e = document.createElement(tag);
    Object.entries(attributes || {}).forEach(([k, v]) => { if (v !== null) { e.setAttribute(k, v); } });
    children.flat().forEach(c => e.append(c instanceof Node ? c : String(c)));
    return e;
  }
  function s(tag, attributes, text) {
    const e = document.createElementNS('http://www.w3.org/2000/svg', tag);
    Object.entries(attributes).forEach(([k, v]) => e.setAttribute(k, v));
    if (text !== undefined) { e.textContent = text; }
    return e;
  }
  const whole = x => Math.round(x).toLocaleString('en-US');
  const fixed = d => x => x === null || x === undefined ? '–' : x.toFixed(d);
  const percent = x => x === null || x === undefined ? '–' : (100 * x).toFixed(2) + ' %';
  function short(x) {
    if (x === null || x === undefined) { return '–'; }
    const a = Math.abs(x);
    if (a >= 1e6) { return +(x / 1e6).toFixed(2) + ' M'; }
    if (a >= 1e4) { return +(x / 1e3).toFixed(1) + ' k'; }
    if (a === 0 || a >= 1) { return String(+x.toFixed(2)); }
    return a >= 1e-3 ? String(+x.toPrecision(3)) : x.toExponential(1);
  }
  function span(seconds) {
    if (!isFinite(seconds) || seconds < 0) { return '–'; }
    const t = Math.round(seconds);
    if (t < 60) { return t + ' s'; }
    if (t < 3600) { return Math.floor(t / 60) + ' min ' + (t % 60) + ' s'; }
    return Math.floor(t / 3600) + ' h ' + Math.floor(t % 3600 / 60) + ' min';
  }
  const clock = time => new Date(time).toLocaleTimeString();

  // ---- charts ----

  function thinned(points) {
    const kept = points.filter(p => p[1] !== null && p[1] !== undefined);
    if (kept.length <= MOST_POINTS) { return kept; }
    const size = Math.ceil(kept.length / MOST_POINTS);
    const out = [];
    for (let i = 0; i < kept.length; i += size) {
      const part = kept.slice(i, i + size);
      out.push([part[part.length - 1][0], part.reduce((a, p) => a + p[1], 0) / part.length]);
    }
    return out;
  }

  function ticks(lo, hi, count) {
    const raw = (hi - lo) / count || 1;
    const power = Math.pow(10, Math.floor(Math.log10(raw)));
    const step = [1, 2, 2.5, 5, 10].map(f => f * power).find(t => t >= raw);
    const out = [];
    for (let t = Math.ceil(lo / step) * step; t <= hi + step * 1e-9; t += step) { out.push(Math.abs(t) < step * 1e-9 ? 0 : t); }
    return out;
  }

  function chart(title, series, format, from0) {
    const W = 640, H = 220, L = 52, R = 12, T = 8, B = 24;
    const shown = series.map(one => ({...one, points: thinned(one.points)})).filter(one => one.points.length > 0);
    const card = h('div', {class: 'card', 'data-chart': title});
    const legend = h('span', {class: 'legend'});
    shown.forEach(one => legend.append(h('i', {class: 'sw'}), one.name));
    legend.querySelectorAll('i').forEach((i, n) => { i.style.background = shown[n].color; i.style.opacity = shown[n].thin ? .5 : 1; });
    card.append(h('h5', {}, h('span', {}, title), shown.length > 1 ? legend : ''));
    if (shown.length === 0) { card.append(h('p', {class: 'quiet'}, 'nothing yet')); return card; }
    const all = shown.flatMap(one => one.points);
    let x0 = Math.min(...all.map(p => p[0]), 0), x1 = Math.max(...all.map(p => p[0]));
    let y0 = Math.min(...all.map(p => p[1])), y1 = Math.max(...all.map(p => p[1]));
    if (from0) { y0 = Math.min(0, y0); }
    if (x1 === x0) { x1 = x0 + 1; }
    const room = (y1 - y0) * .06 || Math.abs(y1) * .1 || 1;
    y1 += room;
    if (!(from0 && y0 === 0)) { y0 = y0 >= 0 ? Math.max(0, y0 - room) : y0 - room; }
    const X = x => L + (x - x0) / (x1 - x0) * (W - L - R);
    const Y = y => H - B - (y - y0) / (y1 - y0) * (H - T - B);
    const svg = s('svg', {viewBox: '0 0 ' + W + ' ' + H, role: 'img', 'aria-label': title});
    ticks(y0, y1, 5).forEach(t => {
      svg.append(s('line', {class: 'grid', x1: L, x2: W - R, y1: Y(t), y2: Y(t)}));
      svg.append(s('text', {x: L - 6, y: Y(t) + 4, 'text-anchor': 'end'}, short(t)));
    });
    ticks(x0, x1, 7).forEach(t => svg.append(s('text', {x: X(t), y: H - 8, 'text-anchor': 'middle'}, short(t))));
    shown.forEach(one => {
      const to = (p, i) => one.steps && i ? 'V' + Y(p[1]).toFixed(1) + 'H' + X(p[0]).toFixed(1) : (i ? 'L' : 'M') + X(p[0]).toFixed(1) + ' ' + Y(p[1]).toFixed(1);
      const path = one.points.map(to).join('');
      svg.append(s('path', {d: path, fill: 'none', stroke: one.color, 'stroke-width': one.thin ? 1.2 : 2, 'stroke-linejoin': 'round', opacity: one.thin ? .55 : 1}));
      if (one.dots || one.points.length === 1) {
        one.points.slice(-60).forEach(p => svg.append(s('circle', {cx: X(p[0]), cy: Y(p[1]), r: 2.6, fill: one.color})));
      }
    });
    const cursor = s('line', {class: 'cursor', x1: 0, x2: 0, y1: T, y2: H - B, visibility: 'hidden'});
    svg.append(cursor);
    const tip = h('div', {class: 'tip', hidden: ''});
    svg.addEventListener('mousemove', e => {
      const box = svg.getBoundingClientRect();
      const x = x0 + ((e.clientX - box.left) / box.width * W - L) / (W - L - R) * (x1 - x0);
      const near = shown.map(one => one.points.reduce((a, p) => Math.abs(p[0] - x) < Math.abs(a[0] - x) ? p : a));
      cursor.setAttribute('x1', X(near[0][0])); cursor.setAttribute('x2', X(near[0][0]));
      cursor.setAttribute('visibility', 'visible');
      tip.textContent = 'epoch ' + short(near[0][0]) + ': ' + near.map((p, i) => shown[i].name + ' ' + format(p[1])).join(', ');
      tip.hidden = false;
      tip.style.left = Math.min(box.width - 190, Math.max(8, e.clientX - box.left + 12)) + 'px';
    });
    svg.addEventListener('mouseleave', () => { tip.hidden = true; cursor.setAttribute('visibility', 'hidden'); });
    card.append(svg, tip);
    return card;
  }

  function splitBar(parts) {
    const sum = parts.reduce((a, b) => a + b, 0) || 1;
    const bar = h('div', {class: 'split', title: PARTS.map((p, i) => p + ' ' + parts[i].toFixed(3) + ' ms').join('\n')});
    parts.forEach((part, i) => {
      const piece = h('div', {class: 'c' + i});
      piece.style.width = 100 * part / sum + '%';
      bar.append(piece);
    });
    return bar;
  }

  function table(head, rows) {
    const cell = (tag, c) => c instanceof Object && !(c instanceof Node) ? h(tag, {class: 'n ' + (c.slow ? 'slow' : '')}, c.n) : h(tag, {}, c);
    return h('table', {}, h('thead', {}, h('tr', {}, head.map(c => cell('th', c)))),
        h('tbody', {}, rows.map(row => h('tr', {}, row.map(c => cell('td', c))))));
  }
  const n = text => ({n: text});

  // ---- the page ----

  function median(numbers) {
    const sorted = [...numbers].sort((a, b) => a - b);
    return sorted.length ? sorted[(sorted.length - 1) >> 1] : 0;
  }

  /** What each worker did between the last two messages. */
  function rates(run) {
    const now = run.newest, was = run.before;
    return now.workers.map(w => {
      const old = was && was.workers.find(o => o.name === w.name && o.step <= w.step && o.computeMs <= w.computeMs);
      const steps = w.step - (old ? old.step : run.start.step);
      const compute = w.computeMs - (old ? old.computeMs : 0);
      const waiting = w.exchangeMs - (old ? old.exchangeMs : 0);
      const seconds = old ? (now.time - was.time) / 1000 : (compute + waiting) / 1000;
      return {...w, perStep: steps > 0 ? compute / steps : null, waitShare: compute + waiting > 0 ? waiting / (compute + waiting) : null, rate: seconds > 0 ? steps / seconds : null};
    }).sort((a, b) => a.lo - b.lo);
  }

  function workersCard(run) {
    const card = h('div', {class: 'card', id: 'workers'}, h('h5', {}, 'Workers'));
    if (!run.newest) { card.append(h('p', {class: 'quiet'}, 'starting')); return card; }
    const all = rates(run);
    const usual = median(all.map(w => w.perStep).filter(x => x !== null));
    card.append(table(['worker', n('replicas'), n('step'), n('steps/s'), n('compute ms a step'), n('waiting'), ''], all.map(w => {
      const slow = all.length > 1 && w.perStep !== null && w.perStep > 1.3 * usual;
      const silent = live && !run.ended && w.silentMs > 15000;
      return [w.name, n(w.lo === w.hi - 1 ? w.lo : w.lo + '–' + (w.hi - 1)), n(whole(w.step)), n(short(w.rate)), {n: fixed(3)(w.perStep), slow}, n(w.waitShare === null ? '–' : (100 * w.waitShare).toFixed(0) + ' %'),
        silent ? h('span', {class: 'slow'}, 'silent for ' + span(w.silentMs / 1000)) : slow ? h('span', {class: 'slow'}, 'straggler') : ''];
    })));
    return card;
  }

  /** A row for each server of the parameters. */
  function shardsCard(run) {
    const p = run.newest, b = run.before;
    const shards = p && p.shards || [{where: p && p.where || '–', buckets: run.start.buckets, parameters: run.start.parameters, version: p ? p.step : null}];
    return h('div', {class: 'card', id: 'shards'}, h('h5', {}, 'Shards'),
        table(['where', n('buckets'), n('parameters'), n('versions/s'), n('MB/s applied'), n('version')], shards.map(shard => {
          const old = b && b.shards && b.shards.find(o => o.where === shard.where);
          const rate = old && p.time > b.time ? (shard.version - old.version) / ((p.time - b.time) / 1000) : null;
          return [shard.where, n(whole(shard.buckets)), n(whole(shard.parameters)), n(short(rate)), n(short(rate === null ? null : rate * shard.parameters * 4 / 1e6)), n(shard.version === null ? '–' : whole(shard.version))];
        })));
  }

  function stepCard(run) {
    const card = h('div', {class: 'card wide'}, h('h5', {}, h('span', {}, 'Step time by part, ms'),
        h('span', {class: 'legend'}, PARTS.map((p, i) => [h('i', {class: 'c' + i}), p]).flat())));
    if (!run.epochs.length) { card.append(h('p', {class: 'quiet'}, 'known at the end of an epoch')); return card; }
    card.append(h('div', {class: 'scroll'}, table(
        [n('epoch'), n('train loss'), n('train acc'), n('test loss'), n('test acc'), n('seconds'), n('samples/s'), n('ms a step'), ''],
        run.epochs.slice(-50).reverse().map(e => [n(e.epoch), n(fixed(4)(e.trainLoss)), n(percent(e.trainAccuracy)), n(fixed(4)(e.testLoss)), n(percent(e.testAccuracy)),
          n(fixed(2)(e.seconds)), n(whole(e.samplesPerSecond || 0)), n(fixed(3)(e.split.reduce((a, x) => a + x, 0))), splitBar(e.split)]))));
    return card;
  }

  /** All that was evaluated, in its order: at the end of epochs and between. */
  const tested = run => run.epochs.concat(run.evaluations).sort((a, b) => a.step - b.step);

  function metricsChart(run, at) {
    const points = tested(run).filter(e => e.metrics);
    const names = [...new Set(points.flatMap(e => Object.keys(e.metrics)))].filter(name => !/^top_[34]/.test(name));
    if (names.length === 0) { return ''; }
    const colors = ['#2f6fb5', '#e07b1a', '#3a9d5d', '#8e5bb5', '#b5443a'];
    return chart('Metrics of the test rows', names.map((name, i) => ({name: name.replaceAll('_', ' '), color: colors[i % colors.length], dots: true, points: points.map(e => [at(e), e.metrics[name]])})), fixed(4));
  }

  function confusionCard(run) {
    const newest = tested(run).filter(e => e.confusion).pop();
    if (!newest) { return ''; }
    const most = newest.confusion.map(row => Math.max(1, ...row));
    const rows = newest.confusion.map((row, label) => h('tr', {}, h('th', {}, label), row.map((count, said) => {
      const cell = h('td', {class: 'n', title: 'label ' + label + ', predicted ' + said}, count ? short(count) : '');
      if (count) { cell.style.background = label === said ? 'rgba(58,157,93,' + (.1 + .5 * count / most[label]) + ')' : 'rgba(181,68,58,' + Math.min(.8, .12 + 2 * count / most[label]) + ')'; }
      return cell;
    })));
    return h('div', {class: 'card', id: 'confusion'}, h('h5', {}, h('span', {}, 'Confusion, step ' + whole(newest.step)), h('span', {class: 'legend'}, 'label by prediction')),
        h('div', {class: 'scroll'}, h('table', {}, h('thead', {}, h('tr', {}, h('th', {}), newest.confusion.map((_, i) => h('th', {class: 'n'}, i)))), h('tbody', {}, rows))));
  }

  function tiles(run) {
    const p = run.newest || {step: run.start.step};
    const e = run.epochs[run.epochs.length - 1];
    const noise = [...run.epochs].reverse().find(x => x.noiseScale);
    const step = e ? Math.max(e.step, p.step) : p.step;
    const epoch = Math.min(run.start.epochs, Math.floor(step / run.start.stepsPerEpoch) + 1);
    const speed = (step - run.start.step) / ((run.last - run.began) / 1000);
    const tile = (name, value) => h('div', {class: 'tile'}, h('span', {}, name), h('b', {}, value));
    return h('div', {class: 'tiles'},
        tile('epoch', epoch + ' / ' + run.start.epochs),
        tile('step', whole(step) + ' / ' + short(run.start.totalSteps)),
        tile('loss', fixed(4)(p.loss)),
        tile('accuracy', percent(p.accuracy)),
        tile('test accuracy', e ? percent(e.testAccuracy) : '–'),
        tile('samples/s', p.samplesPerSecond ? whole(p.samplesPerSecond) : '–'),
        noise ? h('div', {class: 'tile', title: noise.batchAdvice}, h('span', {}, 'noise scale, rows'), h('b', {}, whole(noise.noiseScale))) : '',
        tile('workers', p.workers ? p.workers.length : run.start.workers),
        run.ended ? tile('took', span((run.ended.time - run.began) / 1000)) : tile('time left', span((run.start.totalSteps - step) / speed)));
  }

  function top(run) {
    const bar = h('div', {class: 'bar-top'});
    if (runs.size > 1) {
      const select = h('select', {'aria-label': 'run'}, [...runs.values()].map(r => h('option', {value: r.number, ...(r === run ? {selected: ''} : {})}, 'run ' + r.number)));
      select.addEventListener('change', () => { chosen = +select.value; draw(); });
      bar.append(select);
    }
    const outcome = run.ended ? run.ended.outcome : live ? 'training' : 'the application ended';
    bar.append(h('span', {class: 'state ' + (run.ended ? (outcome === 'done' ? 'over' : 'bad') : live ? '' : 'over')}, outcome));
    bar.append(h('span', {class: 'quiet'}, 'started ' + new Date(run.began).toLocaleString() + (run.start.step ? ', resumed at step ' + whole(run.start.step) : '')));
    return bar;
  }

  function draw() {
    const run = runs.get(chosen) || [...runs.values()].pop();
    if (!run || !run.start) { return; }
    const state = [next, live, run.number].join();
    if (state === lastDrawn) { return; }
    lastDrawn = state;
    const perEpoch = run.start.stepsPerEpoch;
    const at = p => p.step / perEpoch;
    const of = (list, key) => list.map(p => [at(p), p[key]]);
    const done = Math.max(run.newest ? run.newest.step : 0, ...run.epochs.map(e => e.step), run.start.step) / run.start.totalSteps;
    const line = h('div', {});
    line.style.width = 100 * done + '%';
    const hasAccuracy = run.epochs.some(e => e.trainAccuracy > 0) || run.progress.some(p => p.accuracy > 0);
    const train = '#2f6fb5', test = '#e07b1a';
    const page = [
      top(run), h('div', {class: 'progress-line'}, line), tiles(run),
      h('div', {class: 'charts'},
          chart('Loss', [{name: 'training, now', color: train, thin: true, points: of(run.progress, 'loss')}, {name: 'training', color: train, dots: true, points: of(run.epochs, 'trainLoss')}, {name: 'test', color: test, dots: true, points: of(tested(run), 'testLoss')}], fixed(4)),
          hasAccuracy ? chart('Accuracy', [{name: 'training, now', color: train, thin: true, points: of(run.progress, 'accuracy')}, {name: 'training', color: train, dots: true, points: of(run.epochs, 'trainAccuracy')}, {name: 'test', color: test, dots: true, points: of(tested(run), 'testAccuracy')}], percent) : '',
          metricsChart(run, at),
          chart('Samples a second', [{name: 'now', color: train, points: of(run.progress, 'samplesPerSecond')}, {name: 'epoch', color: test, dots: true, points: of(run.epochs, 'samplesPerSecond')}], whole, true),
          run.epochs.some(e => e.noiseScale) ? chart('Gradient noise scale', [{name: 'rows', color: train, dots: true, points: of(run.epochs, 'noiseScale')}, {name: 'batch', color: test, thin: true, points: of(run.epochs, 'epoch').map(p => [p[0], run.start.batch])}], whole, true) : '',
          chart('Learning rate', [{name: 'rate', color: train, steps: true, points: of(run.progress, 'lr').concat(of(run.epochs, 'lr')).sort((a, b) => a[0] - b[0])}], short, true),
          confusionCard(run), workersCard(run), shardsCard(run)),
      stepCard(run),
      h('div', {class: 'cards'},
          h('div', {class: 'card', id: 'model'}, h('h5', {}, 'Model'), table(['', 'layer', 'output', n('parameters'), n('multiply-adds')], run.start.layers.map(r => [r[0], r[1], r[2], n(whole(r[3])), n(short(r[4]))]))),
          h('div', {class: 'card'}, h('h5', {}, 'Configuration'),
              table(['', ''], [['loss', run.start.loss], ['optimizer', run.start.optimizer], ['schedule', run.start.schedule], ['batch', whole(run.start.batch)], ...run.epochs.filter(e => e.batchAdvice).slice(-1).map(e => ['batch-size advice', e.batchAdvice]), ['training samples', whole(run.start.rows)], ['replicas', run.start.replicas], ['seed', run.start.seed]])),
          h('div', {class: 'card', id: 'checkpoints'}, h('h5', {}, 'Checkpoints'), run.checkpoints.length === 0 ? h('p', {class: 'quiet'}, 'none yet') :
              h('div', {class: 'scroll'}, table([n('step'), n('epoch'), n('written')], run.checkpoints.slice(-20).reverse().map(c => [n(whole(c.step)), n(short(c.step / perEpoch)), n(clock(c.time))])))),
          run.notes.length === 0 ? '' : h('div', {class: 'card'}, h('h5', {}, 'What happened'), table(['', ''], run.notes.slice(-20).reverse().map(x => [clock(x.time), x.text])))),
      ...Object.entries(run.start.configuration).map(([name, text]) => h('div', {class: 'card wide'}, h('h5', {}, name), h('div', {class: 'scroll'}, h('pre', {}, text)))),
    ];
    root.replaceChildren(...page);
    root.dataset.ready = 'true';
  }

  ask();
})();
