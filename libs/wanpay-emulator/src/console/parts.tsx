import { type ComponentChildren, createContext, type JSX } from 'preact';
import { useContext } from 'preact/hooks';
import { formatTaipei } from 'nestjs-wanpay/protocol';
import { type Topic } from '../journal/changes.js';
import { type OrderState } from '../orders/order.js';
import { formatRelative } from './format.js';
import { type Say } from './language.js';
import { explain } from './problems.js';
import { useConsole } from './surroundings.js';

interface LiveProps {
  readonly id: string;
  readonly topics: readonly Topic[];
  readonly children: ComponentChildren;
}

/** A part of a page that is fetched again when something of these topics changes. The script leaves alone what is in use. */
export function Live({ id, topics, children }: LiveProps): JSX.Element {
  const { path } = useConsole();
  return (
    <div
      class="live"
      hx-get={path}
      hx-trigger={['refresh', ...topics.map((topic) => `sse:${topic}`)].join(', ')}
      hx-select={`#${id}`}
      hx-target={`#${id}`}
      hx-swap="calm"
    >
      <div id={id}>{children}</div>
    </div>
  );
}

/** A wide part that a narrow screen scrolls, by keyboard too. */
export function Scroll({ label, children }: { label: string; children: ComponentChildren }): JSX.Element {
  return (
    <div class="scroll" role="region" aria-label={label} tabIndex={0}>
      {children}
    </div>
  );
}

/** A moment in Taipei's time, and how far it is from now by the emulator's clock. */
export function Moment({ at, isShort = false }: { at: Date; isShort?: boolean }): JSX.Element {
  const { clock, language } = useConsole();
  const iso = at.toISOString();
  return (
    <span class="moment">
      <time dateTime={iso}>{formatTaipei(at)}</time>
      {isShort ? null : (
        <>
          {' '}
          <span class="soft" data-relative={iso}>
            {formatRelative(at, clock.now(), language)}
          </span>
        </>
      )}
    </span>
  );
}

/** The words for the states of an order. */
export function stateIn(say: Say, state: OrderState): string {
  const words = {
    unpaid: say('unpaid', '未付款'),
    paying: say('paying', '付款中'),
    paid: say('paid', '已付款'),
    failed: say('failed', '付款失敗'),
    closed: say('closed', '已關閉'),
  };
  return words[state];
}

/** Where an order stands, as a coloured label. */
export function StateLabel({ state, role }: { state: OrderState; role?: 'status' }): JSX.Element {
  const { say } = useConsole();
  return (
    <span class={`label ${state}`} {...(role ? { role } : {})}>
      {stateIn(say, state)}
    </span>
  );
}

const ACTION = createContext('');

interface FormProps {
  readonly action: string;
  readonly class?: string;
  readonly children: ComponentChildren;
}

/** A form that changes something. */
export function Form({ action, class: className, children }: FormProps): JSX.Element {
  return (
    <ACTION.Provider value={action}>
      <form method="post" action={action} {...(className === undefined ? {} : { class: className })}>
        {children}
      </form>
    </ACTION.Provider>
  );
}

type InputProps = JSX.IntrinsicElements['input'] & { readonly name: string };

/** An input with its label above it, and beneath it what was wrong with it. */
export function TextField({ label, ...input }: InputProps & { label: string }): JSX.Element {
  const { value, attributes, message } = useField(input.name);
  return (
    <FieldFrame label={label} name={input.name} message={message}>
      <input {...input} {...attributes} value={value ?? input.value} />
    </FieldFrame>
  );
}

interface AreaProps {
  readonly label: string;
  readonly name: string;
  readonly rows: number;
  readonly value: string;
}

/** The same over several lines. */
export function TextArea({ label, name, rows, value: usual }: AreaProps): JSX.Element {
  const { value, attributes, message } = useField(name);
  return (
    <FieldFrame label={label} name={name} message={message}>
      <textarea name={name} rows={rows} {...attributes} value={value ?? usual} />
    </FieldFrame>
  );
}

interface SelectProps {
  readonly label: string;
  readonly name: string;
  readonly values: readonly string[];
}

/** A choice. */
export function Select({ label, name, values }: SelectProps): JSX.Element {
  const { value, attributes, message } = useField(name);
  return (
    <FieldFrame label={label} name={name} message={message}>
      <select name={name} {...attributes}>
        {values.map((each) => (
          <option key={each} value={each} selected={each === value}>
            {each}
          </option>
        ))}
      </select>
    </FieldFrame>
  );
}

/** Yes or no. */
export function Check({ label, name }: { label: string; name: string }): JSX.Element {
  const { value } = useField(name);
  return (
    <label class="check">
      <input name={name} type="checkbox" value="true" defaultChecked={value === 'true'} /> {label}
    </label>
  );
}

function FieldFrame({
  label,
  name,
  message,
  children,
}: {
  label: string;
  name: string;
  message: string | undefined;
  children: ComponentChildren;
}): JSX.Element {
  return (
    <div class="field">
      <label>
        <span>{label}</span>
        {children}
      </label>
      {message === undefined ? null : (
        <p class="bad" id={`problem-${name}`}>
          {message}
        </p>
      )}
    </div>
  );
}

interface FieldState {
  readonly value: string | undefined;
  readonly message: string | undefined;
  readonly attributes: { readonly 'aria-invalid'?: true; readonly 'aria-describedby'?: string };
}

/** What was filled in before, and what was wrong with it, where this is the form that was sent. */
function useField(name: string): FieldState {
  const { problem, say } = useConsole();
  const action = useContext(ACTION);
  if (problem?.action !== action) return { value: undefined, message: undefined, attributes: {} };
  const value = problem.values[name];
  if (problem.field !== name) return { value, message: undefined, attributes: {} };
  return {
    value,
    message: explain(problem.message.replace(`${name} `, ''), say),
    attributes: { 'aria-invalid': true, 'aria-describedby': `problem-${name}` },
  };
}
