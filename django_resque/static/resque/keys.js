// Keyboard shortcuts: single keys outside of fields, which whoever needs these keys for something else can switch off.
'use strict';
(() => {
  const help = document.getElementById('rq-keys'), opener = document.getElementById('rq-keys-open');
  const box = document.getElementById('rq-keys-switch');
  if (!help || !opener || !box) return;
  const KEPT = 'resque-keys';
  let going = false;

  const typing = (element) => element?.matches('input:not([type=checkbox], [type=radio]), select, textarea, [contenteditable]');

  const goTo = (key) => { const link = document.querySelector(`.rq-tabs a[data-key="${CSS.escape(key)}"]`); link?.click(); return Boolean(link); };

  const search = () => { const field = document.getElementById('searchbar'); field?.focus(); return Boolean(field); };

  const retryTicked = () => {
    const action = document.querySelector('select[name=action]');
    if (!action?.querySelector('[value=retry_ticked]') || !document.querySelector('.action-select:checked')) return false;
    action.value = 'retry_ticked';
    action.form.querySelector('button[name=index]').click();
    return true;
  };

  const act = (key) => {
    if (going) { going = false; return goTo(key); }
    if (key === 'g') { going = true; return true; }
    if (key === '/') return search();
    if (key === 'r') return retryTicked();
    if (key === '?') { help.showModal(); return true; }
    return false;
  };

  addEventListener('keydown', (event) => {
    if (!box.checked || event.ctrlKey || event.altKey || event.metaKey || event.repeat) return;
    if (typing(event.target) || document.querySelector('dialog[open]')) return;
    if (act(event.key)) event.preventDefault();
  });

  box.checked = localStorage.getItem(KEPT) !== 'off';
  box.addEventListener('change', () => { localStorage.setItem(KEPT, box.checked ? 'on' : 'off'); });
  opener.hidden = false;
  opener.addEventListener('click', () => help.showModal());
})();
