import { describe, expect, it } from '@jest/globals';
import { Html, html } from './html.js';

describe('html', () => {
  it('escapes what is put in', () => {
    expect(html`<p title="${'"'}">${`<b>&'`}</p>`.text).toBe('<p title="&quot;">&lt;b&gt;&amp;&#39;</p>');
  });

  it('leaves HTML and lists of it as they are', () => {
    const list = [new Html('<b>'), new Html('</b>')];
    expect(html`<p>${new Html('<i>')}${list}${1}</p>`.text).toBe('<p><i><b></b>1</p>');
  });
});
