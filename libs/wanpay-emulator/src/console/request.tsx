import { signingString } from 'nestjs-wanpay/protocol';
import { type JSX } from 'preact';
import { type RequestEnding, type RequestRecord } from '../journal/entry.js';
import { type SignatureFinding } from '../platform/signature-finding.js';
import { formatLatency } from './format.js';
import { useConsole } from './surroundings.js';
import { codeIn, mistakeIn } from './wording.js';

const INTERFACES = { order: 'virtualatmpay', query: 'orderquery' } as const;

/** A request as it came, how it ended, and what was wrong with it. */
export function RequestDetails({ request }: { request: RequestRecord }): JSX.Element {
  const { say } = useConsole();
  const { ending, body, length, source, contentType } = request;
  const isRefused = ending?.refusal !== undefined;
  return (
    <>
      <h3>
        {INTERFACES[request.interface]}: <Verdict ending={ending} />
        {ending ? <span class="soft"> {formatLatency(ending.latencyMs)}</span> : null}
      </h3>
      <details open={isRefused} {...(isRefused ? { 'data-open': 'true' } : {})}>
        <summary>{say(`Request from ${source} as it came`, `來自 ${source} 的請求原文`)}</summary>
        <p>
          <code>{contentType === '' ? say('(no content type)', '（沒有 Content-Type）') : contentType}</code>
        </p>
        <pre>
          {fieldsOf(body)
            .map(([name, value]) => `${name}=${value}`)
            .join('\n')}
        </pre>
        {length === undefined ? null : (
          <p>
            {say(
              `This is the beginning: ${body.length} of ${length} characters.`,
              `這是開頭：${length} 個字元中的 ${body.length} 個。`,
            )}
          </p>
        )}
      </details>
      {ending?.refusal?.signature ? <Signature finding={ending.refusal.signature} body={body} /> : null}
      {ending ? (
        <details>
          <summary>
            {say('Reply', '回覆')}
            {ending.httpStatus === undefined
              ? say(' (lost on the way)', '（途中遺失）')
              : `: HTTP ${ending.httpStatus}`}
          </summary>
          <pre>{ending.body}</pre>
        </details>
      ) : null}
    </>
  );
}

/** In a word or two, how a request ended. */
export function Verdict({ ending }: { ending: RequestEnding | undefined }): JSX.Element {
  const { say, language } = useConsole();
  if (!ending) return <span class="label">{say('under way', '處理中')}</span>;
  if (!ending.refusal) return <span class="label paid">{say('answered', '已回覆')}</span>;
  const { status, rule } = ending.refusal;
  return (
    <>
      <span class="label failed">{say(`refused, ${status}`, `拒絕，${status}`)}</span>{' '}
      {language === 'en' ? `${codeIn(say, status)} ` : ''}
      <span lang="zh-Hant" class="soft rule">
        {rule}
      </span>
    </>
  );
}

/** What was to be signed, and field by field, by their names, what was signed instead. */
function Signature({ finding, body }: { finding: SignatureFinding; body: string }): JSX.Element {
  const { say } = useConsole();
  const { toBeSigned, signed, mistake } = finding;
  return (
    <div class="panel">
      <p>{mistakeIn(say, mistake)}</p>
      <p>{say('To be signed (2.3), without the key:', '應簽章的字串（2.3），不含金鑰：')}</p>
      <pre>{toBeSigned}</pre>
      <p>
        {signed === undefined
          ? say('The difference from what was sent, field by field', '與送出內容的差異，逐欄比較')
          : say('The difference from what was signed, field by field', '與實際簽章內容的差異，逐欄比較')}
        : <ins>{say('to be signed', '應簽章')}</ins>, <del>{say('not to be signed', '不應簽章')}</del>
      </p>
      <FieldDifference wanted={toBeSigned} given={signed ?? sentParts(body)} />
    </div>
  );
}

function FieldDifference({ wanted, given }: { wanted: string; given: string }): JSX.Element {
  const { say } = useConsole();
  const right = partsOf(wanted);
  const wrong = partsOf(given);
  const names = [...new Set([...right.keys(), ...wrong.keys()])].filter((name) => right.get(name) !== wrong.get(name));
  if (names.length === 0) {
    return <p>{say('Every field is there with its value.', '所有欄位與其值都相符。')}</p>;
  }
  return (
    <pre>
      {names.map((name) => (
        <>
          {wrong.has(name) ? <del>{wrong.get(name)}</del> : null}
          {wrong.has(name) && right.has(name) ? ' ' : ''}
          {right.has(name) ? <ins>{right.get(name)}</ins> : null}
          {'\n'}
        </>
      ))}
    </pre>
  );
}

/** The fields of a form, decoded, in the order in which they came. */
function fieldsOf(body: string): (readonly [string, string])[] {
  return [...new URLSearchParams(body)];
}

/** What was sent and counts for the signature: whatever is filled in, but the signature itself. */
function sentParts(body: string): string {
  return signingString(Object.fromEntries(fieldsOf(body)));
}

/** `a=1&b=2&key=` → each part by the name before its `=`; a part without one belongs to the value before it. */
function partsOf(text: string): Map<string, string> {
  const parts = new Map<string, string>();
  for (const part of text.split(/(?<=&)(?=\w{1,32}=)/)) parts.set(part.split('=', 1)[0] ?? part, part);
  return parts;
}
