import { type JSX } from 'preact';

/** Text of the OpenAPI document: `code` between backticks, and lists. */
export function Formatted({ text }: { text: string }): JSX.Element {
  const lines = text.split('\n').filter((line) => line !== '');
  const items = lines.filter((line) => line.startsWith('- '));
  return (
    <>
      <Line text={lines.filter((line) => !line.startsWith('- ')).join(' ')} />
      {items.length === 0 ? null : (
        <ul>
          {items.map((item) => (
            <li key={item}>
              <Line text={item.slice(2)} />
            </li>
          ))}
        </ul>
      )}
    </>
  );
}

function Line({ text }: { text: string }): JSX.Element {
  return <>{text.split('`').map((part, index) => (index % 2 === 1 ? <code key={index}>{part}</code> : part))}</>;
}
