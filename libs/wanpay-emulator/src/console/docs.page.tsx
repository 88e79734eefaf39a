import { type JSX } from 'preact';
import { type Schema } from '../api/described.js';
import { type OpenApiDocument, type OpenApiOperation } from '../api/document.js';
import { Page, render, type Surroundings } from './layout.js';

/** The control API, out of its OpenAPI document. */
export function docsPage(document: OpenApiDocument, surroundings: Surroundings): string {
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ method: method.toUpperCase(), path, operation })),
  );
  return render(
    <Page title="Control API" {...surroundings}>
      <p>{document.info.description}</p>
      <p>
        <a href="/api/openapi.json">The OpenAPI document</a>
      </p>
      {operations.map(({ method, path, operation }) => (
        <section key={`${method} ${path}`}>
          <h2>
            <code>
              {method} {path}
            </code>
          </h2>
          <p>{operation.summary}</p>
          <Inputs operation={operation} document={document} />
        </section>
      ))}
    </Page>,
  );
}

function Inputs({
  operation,
  document,
}: {
  operation: OpenApiOperation;
  document: OpenApiDocument;
}): JSX.Element | null {
  const inputs = [...parametersOf(operation), ...bodyOf(operation, document)];
  if (inputs.length === 0) return null;
  return (
    <dl>
      {inputs.map(({ name, description }) => (
        <>
          <dt>
            <code>{name}</code>
          </dt>
          <dd>{description}</dd>
        </>
      ))}
    </dl>
  );
}

interface Input {
  readonly name: string;
  readonly description: string;
}

function parametersOf({ parameters }: OpenApiOperation): Input[] {
  return parameters
    .filter((parameter) => parameter.in === 'query')
    .map(({ name, description = '' }) => ({ name: `?${name}`, description }));
}

function bodyOf({ requestBody }: OpenApiOperation, document: OpenApiDocument): Input[] {
  const name = requestBody?.content['application/json']?.schema.$ref?.split('/').at(-1);
  const body = document.components.schemas[name ?? ''];
  return Object.entries(body?.properties ?? {}).map(([property, schema]) => ({
    name: property,
    description: [schema.description, enumOf(schema)].join(' ').trim(),
  }));
}

function enumOf(schema: Schema): string {
  return schema.enum ? `One of ${schema.enum.join(', ')}.` : '';
}
