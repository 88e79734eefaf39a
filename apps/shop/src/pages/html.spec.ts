import { describe, expect, it } from '@jest/globals';
import { Html, html } from './html.js';

describe('html', () => {
  it('escapes every text that is put in', () => {
    const hostile = `<script>alert("1")</script> & 'more'`;
    expect(html`<p title="${hostile}">${hostile}</p>`.toString()).toBe(
      '<p title="&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt; &amp; &#39;more&#39;">' +
        '&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt; &amp; &#39;more&#39;</p>',
    );
  });

  it('leaves what is HTML already, alone and in lists, and leaves undefined out', () => {
    const item = html`<li>${'<'}</li>`;
    expect(html`${item}${[item, new Html('<hr>')]}${undefined}${0}`.toString()).toBe('<li>&lt;</li><li>&lt;</li><hr>0');
  });
});
