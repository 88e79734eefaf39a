import { type JSX } from 'preact';
import { type MerchantView } from '../merchants/merchant-view.js';
import { Live, Page, render, type Surroundings } from './layout.js';

/** The merchants, their keys by name, and where they may call from. */
export function merchantsPage(merchants: readonly MerchantView[], surroundings: Surroundings): string {
  return render(
    <Page title="Merchants" {...surroundings}>
      <Live id="merchants" path={surroundings.path} topics={['merchants']}>
        {merchants.map((merchant) => (
          <Merchant key={merchant.merchantNo} merchant={merchant} />
        ))}
      </Live>
      <h2>Add a merchant</h2>
      <form method="post" action="/api/merchants" class="row">
        <label>
          Number
          <br />
          <input name="merchantNo" required maxLength={30} autocomplete="off" />
        </label>
        <label>
          Key
          <br />
          <input name="key" required autocomplete="off" />
        </label>
        <button>Add</button>
      </form>
    </Page>,
  );
}

function Merchant({ merchant }: { merchant: MerchantView }): JSX.Element {
  const { merchantNo, keyIds, allowedSources } = merchant;
  const path = `/api/merchants/${encodeURIComponent(merchantNo)}`;
  return (
    <section class="panel" aria-label={`Merchant ${merchantNo}`}>
      <h2>{merchantNo}</h2>
      <p>All keys verify what the merchant sends; the first signs what the platform sends.</p>
      <ul>
        {keyIds.map((id, index) => (
          <li key={id} class="row">
            <span>
              Key {id}
              {index === 0 ? ', signs' : ''}
            </span>
            {keyIds.length > 1 ? (
              <form method="post" action={`${path}/keys/${id}/remove`}>
                <button aria-label={`Remove key ${id} of merchant ${merchantNo}`}>Remove</button>
              </form>
            ) : null}
          </li>
        ))}
      </ul>
      <form method="post" action={`${path}/keys`} class="row">
        <label>
          New key
          <br />
          <input name="key" required autocomplete="off" />
        </label>
        <button>Rotate to it</button>
      </form>
      <form method="post" action={`${path}/sources`} class="row">
        <label>
          May call from (addresses and ranges; empty: anywhere)
          <br />
          <textarea name="allowedSources" rows={2} value={allowedSources?.join('\n') ?? ''} />
        </label>
        <button>Save</button>
      </form>
    </section>
  );
}
