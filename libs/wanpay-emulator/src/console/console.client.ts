/**
 * The script of the pages. Live parts change without touching what is in use: a field that is focused or filled in, details that a
 * person has opened, text that is selected. When the emulator is gone, a banner says so, nothing is sent, and the page comes back by itself.
 */
export const CONSOLE_JS = String.raw`'use strict';
(() => {
  const FIELDS = 'input, textarea, select';
  const isDirty = (field) =>
    field.type === 'checkbox' || field.type === 'radio'
      ? field.checked !== field.defaultChecked
      : field.options
        ? [...field.options].some((option) => option.selected !== option.defaultSelected) && field.dataset.touched === 'true'
        : field.value !== field.defaultValue;
  const isInUse = (part) => {
    const selection = getSelection();
    return (
      [...part.querySelectorAll(FIELDS)].some((field) => field === document.activeElement || isDirty(field)) ||
      [...part.querySelectorAll('details')].some((details) => details.open !== details.hasAttribute('data-open')) ||
      (selection && !selection.isCollapsed && selection.containsNode(part, true))
    );
  };

  /** Brings a part up to date, piece by piece where a piece is in use; returns what is new. */
  const update = (old, next) => {
    if (!isInUse(old)) {
      old.replaceWith(next);
      return [next];
    }
    const fresh = [];
    for (const list of next.querySelectorAll('[data-list]')) {
      const there = old.querySelector('[data-list="' + CSS.escape(list.dataset.list) + '"]');
      if (!there) continue;
      const wanted = [...list.children];
      for (const child of [...there.children]) {
        if (!wanted.some(({ id }) => id === child.id) && !isInUse(child)) child.remove();
      }
      let before = null;
      for (const child of wanted) {
        const known = [...there.children].find(({ id }) => id === child.id);
        if (known && isInUse(known)) before = known;
        else {
          if (known) known.replaceWith(child);
          else if (before) before.after(child);
          else there.prepend(child);
          fresh.push(child);
          before = child;
        }
      }
    }
    return fresh;
  };

  htmx.defineExtension('calm', {
    isInlineSwap: (style) => style === 'calm',
    handleSwap: (style, target, fragment) => {
      if (style !== 'calm') return false;
      const next = fragment.firstElementChild;
      return next ? update(target, next) : [];
    },
  });

  document.addEventListener('change', ({ target }) => { if (target.options) target.dataset.touched = 'true'; });
  /** What was held back while it was in use. */
  const catchUp = ({ target }) => {
    const live = target.closest && target.closest('.live');
    if (live) setTimeout(() => { if (!isInUse(live)) htmx.trigger(live, 'refresh'); });
  };
  document.addEventListener('focusout', catchUp);
  document.addEventListener('toggle', catchUp, true);

  let isGone = false;
  const banner = () => document.getElementById('gone');
  const show = (gone) => {
    if (gone === isGone) return;
    isGone = gone;
    banner().hidden = !gone;
    if (!gone) for (const live of document.querySelectorAll('.live')) htmx.trigger(live, 'refresh');
  };
  document.addEventListener('htmx:sseOpen', () => show(false));
  document.addEventListener('htmx:sseError', () => show(true));
  document.addEventListener('htmx:sendError', () => show(true));
  const stay = (event) => {
    if (!isGone) return;
    event.preventDefault();
    banner().scrollIntoView();
  };
  document.addEventListener('submit', stay);
  document.addEventListener('click', (event) => { if (event.target.closest('a[href^="/"]')) stay(event); });

  /** Time goes by on the page as it does in the emulator. */
  const UNITS = [['day', 86400000], ['hour', 3600000], ['minute', 60000], ['second', 1000]];
  const lang = document.documentElement.lang;
  const wordsOfSeconds = new Intl.RelativeTimeFormat(lang, { numeric: 'auto' });
  const words = new Intl.RelativeTimeFormat(lang);
  let face, shown, since;
  const tick = () => {
    const current = document.getElementById('clock-face');
    if (!current || isGone) return;
    if (current !== face) [face, shown, since] = [current, Date.parse(current.dataset.now), performance.now()];
    const now = shown + (face.dataset.running ? performance.now() - since : 0);
    face.textContent = new Date(now + 28800000).toISOString().slice(0, 19).replace('T', ' ');
    for (const part of document.querySelectorAll('[data-relative]')) {
      const distance = Date.parse(part.dataset.relative) - now;
      const [unit, ms] = UNITS.find(([, size]) => Math.abs(distance) >= size) || UNITS[3];
      const text = (unit === 'second' ? wordsOfSeconds : words).format(Math.trunc(distance / ms), unit);
      if (part.textContent !== text) part.textContent = text;
    }
  };
  setInterval(tick, 1000);

  /** Examples of the API are sent from the page, and answered beneath. */
  document.addEventListener('submit', async (event) => {
    const form = event.target.closest('form.try');
    if (!form || isGone) return;
    event.preventDefault();
    const { method, path } = form.dataset;
    const out = form.querySelector('output');
    const body = form.querySelector('textarea');
    const headers = body ? { 'content-type': 'application/json' } : {};
    try {
      const response = await fetch(path, { method, headers, ...(body ? { body: body.value } : {}) });
      const text = await response.text();
      let pretty = text;
      try { pretty = JSON.stringify(JSON.parse(text), null, 2); } catch { /* It is no JSON. */ }
      out.textContent = 'HTTP ' + response.status + '\n' + pretty.slice(0, 4000);
    } catch { out.textContent = form.dataset.failed; }
  });
})();
`;
