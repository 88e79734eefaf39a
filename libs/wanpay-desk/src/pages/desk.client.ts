/**
 * The only script: it reads the page again every few seconds and puts in what has changed, so that a person sees what another
 * process, or the platform, did. What somebody is at stays as it is, and without the script every page works.
 */
export const DESK_SCRIPT = `'use strict';
const EVERY_MS = 4000;
const isInUse = (part) => part.contains(document.activeElement) || part.querySelector('details[open]') !== null;

async function refresh() {
  const parts = [...document.querySelectorAll('[data-live]')];
  if (parts.length === 0 || document.visibilityState !== 'visible') return;
  const response = await fetch(location.href, { headers: { accept: 'text/html' } });
  if (!response.ok || response.redirected) return;
  const fresh = new DOMParser().parseFromString(await response.text(), 'text/html');
  for (const part of parts) {
    const next = part.id && fresh.getElementById(part.id);
    if (next && !isInUse(part) && next.innerHTML !== part.innerHTML) part.replaceWith(document.adoptNode(next));
  }
}

async function watch() {
  try {
    await refresh();
    document.documentElement.removeAttribute('data-offline');
  } catch {
    document.documentElement.setAttribute('data-offline', '');
  }
  setTimeout(watch, EVERY_MS);
}

setTimeout(watch, EVERY_MS);
`;
