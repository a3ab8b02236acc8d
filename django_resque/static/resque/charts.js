// Draws the charts of a page: each element .rq-plot names the script element that holds its numbers.
'use strict';
(() => {
  const language = document.documentElement.lang || undefined;
  const colour = (value) => {
    const probe = document.createElement('span');
    probe.style.color = value;
    document.body.append(probe);
    const found = getComputedStyle(probe).color;
    probe.remove();
    return found;
  };
  const mixed = (base, part) => colour(`color-mix(in srgb, ${base} ${part}%, currentColor)`);
  const tinted = (base) => colour(`color-mix(in srgb, ${base} 35%, transparent)`);

  // Of parts of a sum: told apart in any order by most who do not see all colours.
  const PARTS = ['#0090ff', '#e09100', '#30a46c', '#8e4ec6', '#d6409f', '#8b8d98'];
  const NAME = 24;
  const short = (label) => label.length > NAME ? `${label.slice(0, NAME - 1)}…` : label || '–';

  // Each line on top of those before it; a time of which nothing is known stays a gap.
  const summed = (series) => {
    let below = series[0].map(() => 0);
    return [series[0], ...series.slice(1).map((line) => (below = line.map((value, at) => value == null || below[at] == null ? null : value + below[at])))];
  };

  const lines = (numbers) => {
    const told = (_plot, _value, line, at) => at == null ? '' : numbers.series[line][at] ?? '';
    return numbers.labels.map((label, place) => {
      const shared = {label: short(label), width: 2, points: {show: false}, value: told};
      if (numbers.stacked) return {...shared, stroke: mixed(PARTS[place], 80), fill: tinted(PARTS[place])};
      return place ? {...shared, stroke: mixed('#e5484d', 70), dash: [6, 4]} : {...shared, stroke: mixed('#30a46c', 60)};
    });
  };

  const options = (element, numbers) => {
    const day = element.dataset.grain === 'day';
    const format = new Intl.DateTimeFormat(language, day ? {day: 'numeric', month: 'short'} : {hour: '2-digit', minute: '2-digit', hourCycle: 'h23'});
    const time = (_plot, values) => values.map((value) => format.format(new Date(value * 1000)));
    const count = new Intl.NumberFormat(language, {notation: 'compact', maximumFractionDigits: 1});
    const text = colour('currentColor');
    const axis = {stroke: text, font: getComputedStyle(element).font.replace(/^.*?(\d)/, '$1') || '12px sans-serif', grid: {stroke: colour('color-mix(in srgb, currentColor 12%, transparent)'), width: 1}, ticks: {show: false}};
    const steps = [1, 2, 5];
    const increments = Array.from({length: 30}, (_, place) => steps[place % 3] * 10 ** Math.floor(place / 3));
    return {
      width: element.clientWidth, height: 190,
      axes: [{...axis, values: time}, {...axis, size: 46, incrs: increments, values: (_plot, values) => values.map((value) => count.format(value))}],
      scales: {y: {range: (_plot, _low, high) => [0, Math.max(high || 0, 4) * 1.1]}},
      series: [{value: (_plot, value) => value == null ? '' : format.format(new Date(value * 1000))}, ...lines(numbers)],
      bands: numbers.stacked ? numbers.labels.slice(1).map((_label, place) => ({series: [place + 2, place + 1]})) : [],
    };
  };

  const plots = new Map();
  const draw = () => {
    for (const [element, plot] of plots) if (!element.isConnected) { plot.destroy(); plots.delete(element); }
    for (const element of document.querySelectorAll('.rq-plot')) {
      const held = document.getElementById(element.dataset.series);
      if (!held) continue;
      const numbers = JSON.parse(held.textContent);
      plots.get(element)?.destroy();
      element.replaceChildren();
      plots.set(element, new uPlot(options(element, numbers), numbers.stacked ? summed(numbers.series) : numbers.series, element));
    }
  };

  let waiting;
  addEventListener('resize', () => { clearTimeout(waiting); waiting = setTimeout(draw, 150); });
  document.addEventListener('resque:updated', draw);
  new MutationObserver(draw).observe(document.documentElement, {attributes: true, attributeFilter: ['data-theme', 'class', 'data-bs-theme']});
  draw();
})();
