// Sends the form that asks for the next slice, after a moment in which to read how far it came, or to stop.
'use strict';
(() => {
  const form = document.getElementById('rq-going-on');
  const timer = form && setTimeout(() => form.requestSubmit(), 300);
  document.querySelector('.cancel-link')?.addEventListener('click', () => clearTimeout(timer));
})();
