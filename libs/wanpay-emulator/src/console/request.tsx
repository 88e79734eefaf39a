import { diffArrays } from 'diff';
import { type JSX } from 'preact';
import { type RequestEnding, type RequestRecord } from '../journal/entry.js';
import { type SignatureFinding } from '../platform/signature-finding.js';

const INTERFACES = { order: 'virtualatmpay', query: 'orderquery' } as const;

/** A request as it came, how it ended, and what was wrong with it. */
export function RequestDetails({ request }: { request: RequestRecord }): JSX.Element {
  const { ending, body, length, source, contentType } = request;
  return (
    <>
      <h3>
        {INTERFACES[request.interface]}: <Verdict ending={ending} />
      </h3>
      <details open={ending?.refusal !== undefined}>
        <summary>Request from {source} as it came</summary>
        <p>
          <code>{contentType === '' ? '(no content type)' : contentType}</code>
        </p>
        <pre>{fieldsOf(body).join('\n')}</pre>
        {length === undefined ? null : (
          <p>
            This is the beginning: {body.length} of {length} characters.
          </p>
        )}
      </details>
      {ending?.refusal?.signature ? <Signature finding={ending.refusal.signature} body={body} /> : null}
      {ending ? (
        <details>
          <summary>
            Reply{ending.httpStatus === undefined ? ' (lost on the way)' : `: HTTP ${ending.httpStatus}`}
          </summary>
          <pre>{ending.body}</pre>
        </details>
      ) : null}
    </>
  );
}

/** In a word or two, how a request ended. */
export function Verdict({ ending }: { ending: RequestEnding | undefined }): JSX.Element {
  if (!ending) return <>under way</>;
  if (!ending.refusal) return <span class="good">answered</span>;
  const { status, rule } = ending.refusal;
  return (
    <span class="bad">
      refused, {status} <span lang="zh-Hant">{rule}</span>
    </span>
  );
}

function Signature({ finding, body }: { finding: SignatureFinding; body: string }): JSX.Element {
  const { toBeSigned, signed, mistake } = finding;
  const changes = diffArrays(parts(signed ?? fieldsOf(body).join('&')), parts(toBeSigned));
  return (
    <div class="panel">
      <p>
        {mistake ??
          'No usual mistake explains the signature: it was made with another key, or a value changed afterwards.'}
      </p>
      <p>To be signed (2.3), without the key:</p>
      <pre>{toBeSigned}</pre>
      <p>
        {signed === undefined ? 'The difference from what was sent' : 'The difference from what was signed'}:{' '}
        <ins>to be signed</ins>, <del>not to be signed</del>
      </p>
      <pre>
        {changes.map(({ value, added, removed }) => {
          const text = value.join('');
          if (added) return <ins>{text}</ins>;
          return removed ? <del>{text}</del> : text;
        })}
      </pre>
    </div>
  );
}

/** The fields of a form, decoded, in the order in which they came. */
function fieldsOf(body: string): string[] {
  return [...new URLSearchParams(body)].map(([name, value]) => `${name}=${value}`);
}

function parts(text: string): string[] {
  return text.split(/(?<=&)/);
}
