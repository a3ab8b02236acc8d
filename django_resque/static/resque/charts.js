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

  const options = (element) => {
    const day = element.dataset.grain === 'day';
    const format = new Intl.DateTimeFormat(language, day ? {day: 'numeric', month: 'short'} : {hour: '2-digit', minute: '2-digit', hourCycle: 'h23'});
    const time = (_plot, values) => values.map((value) => format.format(new Date(value * 1000)));
    const text = colour('currentColor');
    const axis = {stroke: text, font: getComputedStyle(element).font.replace(/^.*?(\d)/, '$1') || '12px sans-serif', grid: {stroke: colour('color-mix(in srgb, currentColor 12%, transparent)'), width: 1}, ticks: {show: false}};
    const line = (label, stroke, dash) => ({label, stroke, dash, width: 2, points: {show: false}});
    return {
      width: element.clientWidth, height: 190,
      axes: [{...axis, values: time}, {...axis, size: 46, incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000, 100000]}],
      scales: {y: {range: (_plot, _low, high) => [0, Math.max(high || 0, 4) * 1.1]}},
      series: [{value: (_plot, value) => value == null ? '' : format.format(new Date(value * 1000))}, line('processed', colour('color-mix(in srgb, #30a46c 60%, currentColor)')), line('failed', colour('color-mix(in srgb, #e5484d 70%, currentColor)'), [6, 4])],
    };
  };

  const plots = new Map();
  const draw = () => {
    for (const [element, plot] of plots) if (!element.isConnected) { plot.destroy(); plots.delete(element); }
    for (const element of document.querySelectorAll('.rq-plot')) {
      const numbers = document.getElementById(element.dataset.series);
      if (!numbers) continue;
      plots.get(element)?.destroy();
      element.replaceChildren();
      plots.set(element, new uPlot(options(element), JSON.parse(numbers.textContent), element));
    }
  };

  let waiting;
  addEventListener('resize', () => { clearTimeout(waiting); waiting = setTimeout(draw, 150); });
  document.addEventListener('resque:updated', draw);
  new MutationObserver(draw).observe(document.documentElement, {attributes: true, attributeFilter: ['data-theme', 'class', 'data-bs-theme']});
  draw();
})();
