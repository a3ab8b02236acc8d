// Buttons that copy the text of an element. Without scripts they are not shown.
'use strict';
(() => {
  const copied = async (element) => {
    try {
      await navigator.clipboard.writeText(element.textContent);
      return true;
    } catch {
      // Only a secure context has a clipboard: what is selected can be copied by hand.
      getSelection().selectAllChildren(element);
      return document.execCommand('copy');
    }
  };
  document.addEventListener('click', async (event) => {
    const button = event.target.closest('button[data-copy]'), element = button && document.getElementById(button.dataset.copy);
    if (!element) return;
    button.dataset.words ??= button.textContent;
    button.textContent = await copied(element) ? 'Copied' : 'Selected: press ctrl-c';
    setTimeout(() => { button.textContent = button.dataset.words; }, 2000);
  });
  document.documentElement.classList.add('rq-scripts');
})();
