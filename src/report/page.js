
'use strict';
// What is here can be read without this script. It adds the search, the filters, the theme and the keys of the calendar.
(() => {
  const byId = (id) => document.getElementById(id);
  const root = document.documentElement;

  // The theme: the system's, unless somebody says otherwise; remembered where the browser allows it.
  const themes = ['system', 'light', 'dark'];
  const key = 'commit-story-theme';
  const memory = {
    get: () => { try { return localStorage.getItem(key); } catch { return null; } },
    set: (theme) => { try { localStorage.setItem(key, theme); } catch { /* not remembered */ } },
  };
  const button = byId('theme');
  let theme = 'system';
  const show = (next) => {
    theme = themes.includes(next) ? next : 'system';
    if (theme === 'system') delete root.dataset.theme;
    else root.dataset.theme = theme;
    button.textContent = `Theme: ${theme}`;
  };
  show(memory.get());
  button.hidden = false;
  button.addEventListener('click', () => {
    show(themes[(themes.indexOf(theme) + 1) % themes.length]);
    memory.set(theme);
  });

  // Folded parts around a place are opened before it is shown.
  const reveal = (element) => {
    for (let at = element; at; at = at.parentElement) if (at.tagName === 'DETAILS') at.open = true;
  };

  const months = [...document.querySelectorAll('details.month')];
  const articles = [...document.querySelectorAll('article')];
  const fields = { words: byId('words'), assistant: byId('assistant'), author: byId('author'), has: byId('has') };
  const found = byId('found');
  const clear = byId('clear');
  const everything = found.textContent;
  let texts = null;
  let unfolded = [];
  byId('find').hidden = false;

  // Words, and phrases between quotation marks; all must occur.
  const terms = (text) =>
    [...text.toLowerCase().matchAll(/"([^"]+)"?|[^\s"]+/g)].map((match) => (match[1] ?? match[0]).trim()).filter(Boolean);

  const filter = () => {
    const wanted = terms(fields.words.value);
    const { assistant, author, has } = fields;
    const active = wanted.length > 0 || assistant.value || author.value || has.value;
    if (wanted.length > 0) texts ??= articles.map((article) => article.textContent.toLowerCase());
    const hits = [];
    articles.forEach((article, at) => {
      const { a, w, h } = article.dataset;
      const passes =
        (!assistant.value || (assistant.value === 'none' ? a === '' : a.split(' ').includes(assistant.value))) &&
        (!author.value || author.value === w) &&
        (!has.value || h.includes(has.value)) &&
        wanted.every((word) => texts[at].includes(word));
      if (article.hidden === passes) article.hidden = !passes;
      if (passes) hits.push(article);
    });
    const within = new Set(hits.flatMap((article) => [article.parentElement, article.parentElement.parentElement]));
    for (const month of months) {
      for (const day of month.querySelectorAll(':scope > .day')) day.hidden = !within.has(day);
      month.hidden = !within.has(month);
    }
    for (const part of unfolded) part.open = false;
    unfolded = [];
    if (active) unfold(hits, wanted);
    mark(hits, wanted);
    found.textContent = active ? `${hits.length} of ${everything}` : everything;
    byId('nothing').hidden = hits.length > 0;
    clear.hidden = !active;
  };

  // The months of the first hits are opened, and in these the parts that have the words.
  const NEAR = 50;
  const unfold = (hits, wanted) => {
    const open = (part) => { if (!part.open) { part.open = true; unfolded.push(part); } };
    for (const article of hits.slice(0, NEAR)) {
      open(article.parentElement.parentElement);
      if (wanted.length === 0) continue;
      for (const part of article.querySelectorAll('details')) {
        const text = part.textContent.toLowerCase();
        if (wanted.some((word) => text.includes(word))) open(part);
      }
    }
  };

  const mark = (hits, wanted) => {
    if (!globalThis.CSS?.highlights || !globalThis.Highlight) return;
    CSS.highlights.delete('found');
    const ranges = [];
    for (const article of wanted.length > 0 ? hits.slice(0, NEAR) : []) {
      const walker = document.createTreeWalker(article, NodeFilter.SHOW_TEXT);
      while (walker.nextNode()) {
        const node = walker.currentNode;
        const text = node.data.toLowerCase();
        // Some letters have another length in lower case: their places are not known.
        if (text.length !== node.data.length) continue;
        for (const word of wanted) {
          for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + word.length)) {
            const range = new Range();
            range.setStart(node, at);
            range.setEnd(node, at + word.length);
            ranges.push(range);
          }
        }
      }
    }
    if (ranges.length > 0) CSS.highlights.set('found', new Highlight(...ranges));
  };

  let waiting = 0;
  fields.words.addEventListener('input', () => {
    clearTimeout(waiting);
    waiting = setTimeout(filter, 150);
  });
  for (const field of [fields.assistant, fields.author, fields.has]) field.addEventListener('change', filter);
  byId('find').addEventListener('submit', (event) => {
    event.preventDefault();
    filter();
  });
  const reset = () => {
    byId('find').reset();
    filter();
  };
  clear.addEventListener('click', () => {
    reset();
    fields.words.focus();
  });

  const unfoldAll = byId('unfold');
  unfoldAll.addEventListener('click', () => {
    const open = months.some((month) => !month.open);
    for (const month of months) month.open = open;
    unfoldAll.textContent = open ? 'Close all months' : 'Open all months';
  });

  document.addEventListener('keydown', (event) => {
    const typing = event.target.closest?.('input, select, textarea');
    if (event.key === '/' && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
      event.preventDefault();
      fields.words.focus();
    } else if (event.key === 'Escape' && typing) {
      reset();
    }
  });

  // The calendar is one stop for Tab; arrows go from one day with commits to the next in that direction.
  const days = [...document.querySelectorAll('#calendar a')];
  const stop = (day) => {
    for (const other of days) other.setAttribute('tabindex', other === day ? '0' : '-1');
  };
  if (days.length > 0) stop(days.at(-1));
  const steps = { ArrowUp: -1, ArrowLeft: -1, ArrowDown: 1, ArrowRight: 1 };
  byId('calendar').addEventListener('keydown', (event) => {
    const at = days.indexOf(event.target.closest('a'));
    const ends = { Home: 0, End: days.length - 1 };
    const to = event.key in ends ? ends[event.key] : at + steps[event.key];
    if (at < 0 || !days[to]) return;
    event.preventDefault();
    stop(days[to]);
    days[to].focus();
  });

  // Links lead to parts that may be folded or filtered out.
  const go = () => {
    let id = '';
    try { id = decodeURIComponent(location.hash.slice(1)); } catch { return; }
    const target = id && byId(id);
    if (!target) return;
    if (target.closest('[hidden]')) reset();
    reveal(target);
    target.scrollIntoView();
    const heading = target.matches('.day, .month') ? target.querySelector('h4, summary') : null;
    if (heading?.tagName === 'H4') heading.tabIndex = -1;
    heading?.focus({ preventScroll: true });
  };
  addEventListener('hashchange', go);
  document.addEventListener('click', (event) => {
    const link = event.target.closest?.('a');
    if (link && link.hash === location.hash) go();
  });
  go();

  // On paper nothing can be opened.
  let folded = [];
  addEventListener('beforeprint', () => {
    folded = [...document.querySelectorAll('#entries details:not([open])')];
    for (const part of folded) part.open = true;
  });
  addEventListener('afterprint', () => {
    for (const part of folded) part.open = false;
  });
})();
