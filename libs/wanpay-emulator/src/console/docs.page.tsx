import { type OpenAPIObject } from '@nestjs/swagger';
import { type JSX } from 'preact';
import { Page, render, type Surroundings } from './layout.js';

type PathItem = OpenAPIObject['paths'][string];
type Operation = NonNullable<PathItem['get']>;

/** The control API, out of its OpenAPI document. */
export function docsPage(document: OpenAPIObject, surroundings: Surroundings): string {
  const operations = Object.entries(document.paths).flatMap(([path, { get, post }]) => [
    ...(get ? [{ method: 'GET', path, operation: get }] : []),
    ...(post ? [{ method: 'POST', path, operation: post }] : []),
  ]);
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

function Inputs({ operation, document }: { operation: Operation; document: OpenAPIObject }): JSX.Element | null {
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

function parametersOf({ parameters = [] }: Operation): Input[] {
  return parameters.flatMap((parameter) =>
    'name' in parameter && parameter.in === 'query'
      ? [{ name: `?${parameter.name}`, description: parameter.description ?? '' }]
      : [],
  );
}

function bodyOf({ requestBody }: Operation, document: OpenAPIObject): Input[] {
  const schema = requestBody && 'content' in requestBody ? requestBody.content['application/json']?.schema : undefined;
  const named =
    schema && '$ref' in schema ? document.components?.schemas?.[schema.$ref.split('/').at(-1) ?? ''] : schema;
  if (!named || !('properties' in named)) return [];
  return Object.entries(named.properties ?? {}).map(([name, property]) => ({
    name,
    description: 'description' in property ? [property.description, enumOf(property)].join(' ').trim() : '',
  }));
}

function enumOf(schema: { enum?: unknown[] }): string {
  return schema.enum ? `One of ${schema.enum.join(', ')}.` : '';
}
