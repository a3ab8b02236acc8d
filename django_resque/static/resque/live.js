// Keeps a page up to date: fetches it again and replaces its parts marked data-live. Stands back while it is used.
'use strict';
(() => {
  const SECONDS = 5, SLOWEST = 60, IDLE_MINUTES = 30;
  const box = document.getElementById('rq-live-switch'), text = document.getElementById('rq-live-text');
  if (!box || !text) return;
  let failures = 0, touched = Date.now(), updated = null;

  const say = (words) => { if (text.textContent !== words) text.textContent = words; };
  const clock = () => (updated || new Date()).toLocaleTimeString(document.documentElement.lang || undefined, {hourCycle: 'h23'});
  const listed = new URLSearchParams(location.search);

  const busy = () => {
    if (document.querySelector('.action-select:checked, #action-toggle:checked')) return 'rows are ticked';
    if (document.querySelector('.rq-main details[open], dialog[open]')) return 'something is open';
    if (String(getSelection())) return 'text is selected';
    if (document.activeElement?.matches('#content input:not(#rq-live-switch), #content select, #content textarea, #content button')) return 'a field is in use';
    if (listed.get('q') || listed.get('p') || listed.get('start')) return 'this is not the first page';
    if (Date.now() - touched > IDLE_MINUTES * 60000) return 'nobody was here for half an hour';
    return null;
  };

  const replace = (page) => {
    for (const part of document.querySelectorAll('[data-live]')) {
      const fresh = page.getElementById(part.id);
      if (fresh) part.replaceChildren(...fresh.childNodes);
    }
    document.dispatchEvent(new Event('resque:updated'));
  };

  const update = async () => {
    const response = await fetch(location.href, {headers: {'X-Resque-Live': '1'}, redirect: 'manual', cache: 'no-store'});
    if (response.type === 'opaqueredirect' || response.status === 403) throw new Error('you are signed out');
    if (!response.ok) throw new Error(response.status === 503 ? 'the store does not answer' : `the server says ${response.status}`);
    const page = new DOMParser().parseFromString(await response.text(), 'text/html');
    if (busy()) return;
    replace(page);
    updated = new Date();
  };

  const tick = async () => {
    let pause = SECONDS;
    const reason = box.checked ? busy() : 'off';
    if (!box.checked) say('Live: off');
    else if (reason) say(`Live: waits, ${reason}`);
    else if (!document.hidden) {
      try {
        await update();
        failures = 0;
        document.body.classList.remove('rq-stale');
        say(`Live: updated ${clock()}`);
      } catch (error) {
        failures += 1;
        pause = Math.min(SECONDS * 2 ** failures, SLOWEST);
        document.body.classList.add('rq-stale');
        say(`Not up to date, as of ${clock()}: ${error.message}. Trying again in ${pause} s`);
      }
    }
    setTimeout(tick, pause * 1000 * (0.9 + Math.random() / 5));
  };

  for (const kind of ['pointerdown', 'keydown']) addEventListener(kind, () => { touched = Date.now(); }, {passive: true});
  box.hidden = false;
  box.checked = localStorage.getItem('resque-live') !== 'off';
  box.addEventListener('change', () => { localStorage.setItem('resque-live', box.checked ? 'on' : 'off'); });
  updated = new Date();
  say(box.checked ? `Live: updated ${clock()}` : 'Live: off');
  setTimeout(tick, SECONDS * 1000);
})();
