import { type Html, html } from './html.js';

/** The page's own language first, and English beside it. */
export function bilingual(chinese: string, english: string): Html {
  return html`${chinese} <small lang="en">${english}</small>`;
}
