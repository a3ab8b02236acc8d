// What is wrong with a page for whoever cannot see it well, or has no mouse. In words; nothing wrong: an empty list.
(() => {
  const problems = [], say = (what, node) => problems.push(`${what}: ${node.outerHTML.slice(0, 120)}`);
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const seen = (node) => node.checkVisibility({checkOpacity: true, checkVisibilityCSS: true}) && node.getClientRects().length > 0;
  const refers = (node) => (node.getAttribute('aria-labelledby') || '').split(/\s+/).map((id) => document.getElementById(id)?.textContent || '').join('');
  const named = (node) => Boolean((node.getAttribute('aria-label') || refers(node) || node.getAttribute('title') || '').trim());

  if (!document.documentElement.lang) problems.push('the page says no language');
  if (!document.title.trim()) problems.push('the page has no title');
  if (all('h1').filter(seen).length < 1) problems.push('the page has no heading');
  const ids = all('[id]').map((node) => node.id);
  for (const id of new Set(ids.filter((it, at) => ids.indexOf(it) !== at))) problems.push(`two elements are called ${id}`);

  for (const node of all('button, a[href], summary').filter(seen)) {
    if (!named(node) && !node.textContent.trim() && !node.querySelector('img[alt]:not([alt=""])')) say('no name', node);
  }
  for (const node of all('input:not([type=hidden]), select, textarea').filter(seen)) {
    const labels = [...(node.labels || [])].map((label) => [...label.childNodes].filter((it) => it.role !== 'status').map((it) => it.alt || it.textContent).join(''));
    if (!named(node) && !labels.join('').trim() && !['submit', 'button'].includes(node.type)) say('a field without a label', node);
  }
  for (const node of all('img:not([alt])')) say('a picture without a text', node);
  for (const node of all('[role=img]').filter((it) => !named(it))) say('a drawing without a text', node);
  for (const node of all('svg').filter(seen).filter((it) => !it.closest('[role=img], [aria-hidden=true]') && !it.querySelector('title') && !named(it))) say('a drawing without a text', node);

  const content = document.getElementById('content') || document.body;
  for (const node of all('table', content).filter(seen)) {
    if (!node.caption && !named(node) && !node.closest('[role=region][aria-label], figure') && !node.closest('section')?.querySelector('h2')) say('a table without a name', node);
  }
  // The legend of a chart is uPlot's, and its numbers are in a table of ours as well.
  for (const node of all('th:not([scope])', content).filter((it) => seen(it) && !it.closest('.u-legend'))) say('a heading of a table that says not of what', node);
  for (const node of all('.rq-main *, .rq-list, .rq-tabs *', content).filter(seen)) {
    const scrolls = /auto|scroll/.test(getComputedStyle(node).overflowX) && node.scrollWidth > node.clientWidth + 1;
    if (scrolls && node.tabIndex < 0 && !node.querySelector('a, button')) say('scrolls, but not by keys', node);
  }
  for (const node of all('.rq-tabs :is(a, button), .rq-buttons :is(button, summary, a)').filter(seen)) {
    const {width, height} = node.getBoundingClientRect();
    if (width < 24 || height < 24) say('too small to hit', node);
  }

  const brush = document.createElement('canvas').getContext('2d', {willReadFrequently: true});
  const paint = (colours) => {
    brush.clearRect(0, 0, 1, 1);
    for (const colour of colours) { brush.fillStyle = colour; brush.fillRect(0, 0, 1, 1); }
    return [...brush.getImageData(0, 0, 1, 1).data].slice(0, 3);
  };
  const light = (rgb) => {
    const [r, g, b] = rgb.map((it) => it / 255).map((it) => (it <= 0.04045 ? it / 12.92 : ((it + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = (node) => (node ? [...behind(node.parentElement), getComputedStyle(node).backgroundColor] : ['white']);
  const texts = document.createTreeWalker(content, NodeFilter.SHOW_TEXT), looked = new Set();
  for (let text = texts.nextNode(); text; text = texts.nextNode()) {
    const node = text.parentElement;
    if (!text.data.trim() || looked.has(node) || !seen(node) || node.closest('script, style, option')) continue;
    looked.add(node);
    const style = getComputedStyle(node), ground = behind(node);
    const [one, other] = [light(paint([...ground, style.color])), light(paint(ground))].sort((a, b) => b - a);
    const size = parseFloat(style.fontSize), large = size >= 24 || (size >= 18.66 && style.fontWeight >= 700);
    const contrast = (one + 0.05) / (other + 0.05);
    if (contrast < (large ? 3 : 4.5)) say(`contrast ${contrast.toFixed(2)}`, node);
  }
  return problems;
})()
