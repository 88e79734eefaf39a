import { type JSX } from 'preact';
import { type MerchantView } from '../merchants/merchant-view.js';
import { sayIn } from './language.js';
import { Page, render } from './layout.js';
import { Form, Live, TextArea, TextField } from './parts.js';
import { type Surroundings, useConsole } from './surroundings.js';

/** The merchants, their keys by name, and where they may call from. */
export function merchantsPage(merchants: readonly MerchantView[], around: Surroundings): string {
  const say = sayIn(around.language);
  return render(
    <Page title={say('Merchants', '商戶')} {...around}>
      <Live id="merchants" topics={['merchants']}>
        <div class="cards" data-list="merchants">
          {merchants.map((merchant) => (
            <Merchant key={merchant.merchantNo} merchant={merchant} />
          ))}
        </div>
      </Live>
      <h2>{say('Add a merchant', '新增商戶')}</h2>
      <Form action="/api/merchants" class="row">
        <TextField label={say('Number', '編號')} name="merchantNo" required maxLength={30} autocomplete="off" />
        <TextField label={say('Key', '金鑰')} name="key" required autocomplete="off" />
        <button>{say('Add', '新增')}</button>
      </Form>
    </Page>,
  );
}

function Merchant({ merchant }: { merchant: MerchantView }): JSX.Element {
  const { say } = useConsole();
  const { merchantNo, keyIds, allowedSources } = merchant;
  const path = `/api/merchants/${encodeURIComponent(merchantNo)}`;
  return (
    <section
      class="panel"
      id={`merchant-${encodeURIComponent(merchantNo)}`}
      aria-label={`${say('Merchant', '商戶')} ${merchantNo}`}
    >
      <h2>{merchantNo}</h2>
      <p class="soft">
        {say(
          'All keys verify what the merchant sends; the first signs what the platform sends.',
          '所有金鑰都能驗證商戶送來的內容；平台以第一把簽章。',
        )}
      </p>
      <ul class="plain">
        {keyIds.map((id, index) => (
          <li key={id} class="row">
            <span>
              {say('Key', '金鑰')} {id}
              {index === 0 ? say(', signs', '，簽章用') : ''}
            </span>
            {keyIds.length > 1 ? (
              <form method="post" action={`${path}/keys/${id}/remove`}>
                <button
                  aria-label={say(`Remove key ${id} of merchant ${merchantNo}`, `移除商戶 ${merchantNo} 的金鑰 ${id}`)}
                >
                  {say('Remove', '移除')}
                </button>
              </form>
            ) : null}
          </li>
        ))}
      </ul>
      <Form action={`${path}/keys`} class="row">
        <TextField label={say('New key', '新金鑰')} name="key" required autocomplete="off" />
        <button>{say('Rotate to it', '改用這把金鑰')}</button>
      </Form>
      <Form action={`${path}/sources`} class="row">
        <TextArea
          label={say('May call from (addresses and ranges; empty: anywhere)', '可呼叫的來源（位址與網段；空白：不限）')}
          name="allowedSources"
          rows={2}
          value={allowedSources?.join('\n') ?? ''}
        />
        <button>{say('Save', '儲存')}</button>
      </Form>
    </section>
  );
}
