import { type JSX } from 'preact';
import { type Schema } from '../api/described.js';
import { type OpenApiDocument, type OpenApiOperation } from '../api/document.js';
import { examplePath, exampleBody, type Example } from './api-example.js';
import { descriptionIn, summaryIn } from './api-wording.js';
import { Formatted } from './formatted.js';
import { type Say, sayIn } from './language.js';
import { Page, render } from './layout.js';
import { quoted } from './sample-order.js';
import { type Surroundings, useConsole } from './surroundings.js';

/** The control API, out of its OpenAPI document, with examples that can be sent. */
export function docsPage(document: OpenApiDocument, example: Example, around: Surroundings): string {
  const say = sayIn(around.language);
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ method: method.toUpperCase(), path, operation })),
  );
  return render(
    <Page title={say('Control API', '控制 API')} {...around}>
      <p>
        <Formatted text={descriptionIn(say, document.info.description)} />
      </p>
      <p>
        <a href="/api/openapi.json">{say('The OpenAPI document', 'OpenAPI 文件')}</a>
      </p>
      {operations.map(({ method, path, operation }) => (
        <details key={`${method} ${path}`} class="operation">
          <summary>
            <code>
              {method} {path}
            </code>{' '}
            <Summary method={method} path={path} operation={operation} />
          </summary>
          <Inputs operation={operation} document={document} />
          <Try method={method} path={path} operation={operation} document={document} example={example} />
        </details>
      ))}
    </Page>,
  );
}

/** What it does, in a line. */
function Summary({ method, path, operation }: Pick<TryProps, 'method' | 'path' | 'operation'>): JSX.Element {
  const { say } = useConsole();
  return (
    <span class="soft">
      <Formatted text={summaryIn(say, `${method} ${path}`, operation.summary)} />
    </span>
  );
}

interface TryProps {
  readonly method: string;
  readonly path: string;
  readonly operation: OpenApiOperation;
  readonly document: OpenApiDocument;
  readonly example: Example;
}

/** The same as a command, and as a form that the script sends. */
function Try({ method, path, operation, document, example }: TryProps): JSX.Element {
  const { say, origin } = useConsole();
  const filled = examplePath(path, example);
  const hasBody = operation.requestBody !== undefined;
  const body = hasBody ? exampleBody(path, bodyOf(operation, document)) : undefined;
  const isStream = Object.keys(operation.responses[200]?.content ?? {}).includes('text/event-stream');
  const command = [
    `curl ${isStream ? '-N ' : ''}${method === 'GET' ? '' : `-X ${method} `}${quoted(origin + filled)}`,
    ...(body === undefined ? [] : [`  -H 'content-type: application/json'`, `  -d ${quoted(body)}`]),
  ].join(' \\\n');
  return (
    <>
      <pre class="curl">{command}</pre>
      {isStream ? null : (
        <form
          class="try"
          data-method={method}
          data-path={filled}
          data-failed={say(
            `No answer. See whether the emulator still runs at ${origin}, then send it again; what was sent may have been carried out.`,
            `沒有回覆。請確認模擬器仍在 ${origin} 執行，再送出一次；剛才送出的可能已經執行。`,
          )}
        >
          {body === undefined ? null : (
            <label>
              <span>{say('Body', '內容')}</span>
              <textarea rows={3} value={body} />
            </label>
          )}
          <button aria-label={`${say('Send', '送出')} ${method} ${path}`}>{say('Send', '送出')}</button>
          <output />
        </form>
      )}
    </>
  );
}

function Inputs({
  operation,
  document,
}: {
  operation: OpenApiOperation;
  document: OpenApiDocument;
}): JSX.Element | null {
  const { say } = useConsole();
  const inputs = [
    ...operation.parameters
      .filter((parameter) => parameter.in === 'query')
      .map(({ name, description = '' }) => ({ name: `?${name}`, description: descriptionIn(say, description) })),
    ...Object.entries(bodyOf(operation, document)).map(([name, schema]) => ({
      name,
      description: [descriptionIn(say, schema.description ?? ''), enumOf(say, schema)].join(say(' ', '')).trim(),
    })),
  ];
  if (inputs.length === 0) return null;
  return (
    <dl>
      {inputs.map(({ name, description }) => (
        <>
          <dt>
            <code>{name}</code>
          </dt>
          <dd>
            <Formatted text={description} />
          </dd>
        </>
      ))}
    </dl>
  );
}

function bodyOf({ requestBody }: OpenApiOperation, document: OpenApiDocument): Readonly<Record<string, Schema>> {
  const name = requestBody?.content['application/json']?.schema.$ref?.split('/').at(-1);
  return document.components.schemas[name ?? '']?.properties ?? {};
}

function enumOf(say: Say, { enum: values }: Schema): string {
  // A long list stands in the description, with what each means.
  if (!values || values.length >= 10) return '';
  const list = values.map((value) => `\`${String(value)}\``).join(say(', ', '、'));
  return say(`One of ${list}.`, `可為 ${list}。`);
}
