// Keeps a page up to date: fetches it again and replaces its parts marked data-live. Stands back while it is used.
'use strict';
(() => {
  const USUAL = 5, SLOWEST = 60, IDLE_MINUTES = 30, QUIET = 60000;
  const every = document.getElementById('rq-live-every'), text = document.getElementById('rq-live-text'), said = document.getElementById('rq-live-said');
  if (!every || !text || !said) return;
  let failures = 0, touched = Date.now(), updated = new Date(), tag = null, told = 0, timer;

  const clock = () => updated.toLocaleTimeString(document.documentElement.lang || undefined, {hourCycle: 'h23'});
  const listed = new URLSearchParams(location.search);
  const seconds = () => Number(every.value);

  // Who hears the page rather than sees it is told once a minute at most, and never of a mere update.
  const say = (words, aloud = false) => {
    if (text.textContent !== words) text.textContent = words;
    if (!aloud || said.textContent === words || Date.now() - told < QUIET) return;
    said.textContent = words;
    told = Date.now();
  };

  const busy = () => {
    if (document.querySelector('.action-select:checked, #action-toggle:checked')) return 'rows are ticked';
    if (document.querySelector('.rq-main details[open], dialog[open]')) return 'something is open';
    if (String(getSelection())) return 'text is selected';
    if (document.activeElement?.matches('#content input, #content select:not(#rq-live-every), #content textarea, #content button')) return 'a field is in use';
    if (document.querySelector('.rq-buttons:hover, .rq-warnings form:hover, .actions:hover')) return 'the pointer is over a button';
    if (listed.get('q') || listed.get('p') || listed.get('start')) return 'this is not the first page';
    if (Date.now() - touched > IDLE_MINUTES * 60000) return 'nobody was here for half an hour: press a key to go on';
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
    const headers = {'X-Resque-Live': '1', ...(tag && {'If-None-Match': tag})};
    const response = await fetch(location.href, {headers, redirect: 'manual', cache: 'no-store'});
    if (response.type === 'opaqueredirect' || response.status === 401 || response.status === 403) throw new Error('you are signed out');
    if (response.status !== 304) {
      if (!response.ok) throw new Error(response.status === 503 ? 'the store does not answer' : `the server says ${response.status}`);
      const page = new DOMParser().parseFromString(await response.text(), 'text/html');
      if (busy()) return;
      replace(page);
      tag = response.headers.get('ETag');
    }
    updated = new Date();
  };

  const failed = (error) => {
    failures += 1;
    const pause = Math.min(seconds() * 2 ** failures, SLOWEST);
    document.body.classList.add('rq-stale');
    say(`Not up to date, as of ${clock()}: ${error.message}. Trying again in ${pause} s`, true);
    return pause;
  };

  const look = async () => {
    try {
      await update();
    } catch (error) {
      return failed(error);
    }
    failures = 0;
    document.body.classList.remove('rq-stale');
    say(`updated ${clock()}`);
    return seconds();
  };

  const tick = async () => {
    const reason = busy();
    let pause = seconds();
    if (reason) say(`waits, ${reason}`, true);
    else if (!document.hidden) pause = await look();
    wait(pause);
  };

  const wait = (pause) => {
    clearTimeout(timer);
    if (seconds()) timer = setTimeout(tick, pause * 1000 * (0.9 + Math.random() / 5));
    else say('');
  };

  const floor = Number(every.dataset.floor) || 0;
  for (const choice of [...every.options]) if (Number(choice.value) && Number(choice.value) < Math.min(floor, 60)) choice.remove();
  const kept = localStorage.getItem('resque-live');
  for (const choice of [kept === 'off' ? '0' : kept, String(USUAL), every.options[0].value]) {
    every.value = choice;
    if (every.selectedIndex >= 0) break;
  }
  every.addEventListener('change', () => {
    localStorage.setItem('resque-live', seconds() ? every.value : 'off');
    say(`updated ${clock()}`);
    wait(seconds());
  });
  for (const kind of ['pointerdown', 'keydown']) addEventListener(kind, () => { touched = Date.now(); }, {passive: true});
  document.getElementById('rq-live-label').hidden = false;
  say(`updated ${clock()}`);
  wait(seconds());
})();
