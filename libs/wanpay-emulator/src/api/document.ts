import { RequestMethod, type Type } from '@nestjs/common';
import { METHOD_METADATA, PATH_METADATA } from '@nestjs/common/constants.js';
import { type DescribedOperation, operationsOf, propertiesOf, type Schema, type Schemas } from './described.js';
import { API_SCHEMAS } from './schemas.js';

const DESCRIPTION =
  'Everything that the console does, for programs. No password: it is for your own machine. Errors are `{ code, message }` ' +
  'with a 4xx status. Bodies are JSON; the console’s own pages send the same as forms, and are answered with a redirect.';

/** A parameter in the path or in the query of a request. */
interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query';
  readonly required: boolean;
  readonly description?: string;
  readonly schema: Schema;
}

type Content = Readonly<Record<string, { readonly schema: Schema }>>;

/** One method of one path. */
export interface OpenApiOperation {
  readonly operationId: string;
  readonly summary: string;
  readonly tags: readonly string[];
  readonly parameters: readonly Parameter[];
  readonly requestBody?: { readonly required: boolean; readonly content: Content };
  readonly responses: Readonly<Record<string, { readonly description: string; readonly content: Content }>>;
}

/** An OpenAPI 3.0 document. */
export interface OpenApiDocument {
  readonly openapi: '3.0.0';
  readonly info: { readonly title: string; readonly description: string; readonly version: string };
  readonly paths: Readonly<Record<string, Readonly<Record<string, OpenApiOperation>>>>;
  readonly components: { readonly schemas: Schemas };
}

/** The OpenAPI document of the control API, which is read from its controllers. */
export class ApiDocument {
  #document: OpenApiDocument | undefined;

  constructor(private readonly controllers: readonly Type[]) {}

  /** The document, made when it is first asked for. */
  get(): OpenApiDocument {
    this.#document ??= build(this.controllers);
    return this.#document;
  }
}

function build(controllers: readonly Type[]): OpenApiDocument {
  const paths: Record<string, Record<string, OpenApiOperation>> = {};
  const bodies: Record<string, Schema> = {};
  for (const controller of controllers) {
    for (const operation of operationsOf(prototypeOf(controller))) {
      const path = pathOf(controller, operation.handler);
      const method = textOf(
        RequestMethod[Number(Reflect.getMetadata(METHOD_METADATA, operation.handler))],
      ).toLowerCase();
      const input = inputOf(controller, operation);
      if (input && method === 'post') bodies[input.name] = schemaOf(input);
      paths[path] = { ...paths[path], [method]: describe(controller, operation, path, method === 'post', input) };
    }
  }
  return {
    openapi: '3.0.0',
    info: { title: 'WanPay emulator', description: DESCRIPTION, version: '1' },
    paths,
    components: { schemas: { ...API_SCHEMAS, ...bodies } },
  };
}

function describe(
  controller: Type,
  { name, summary, schema, contentType }: DescribedOperation,
  path: string,
  hasBody: boolean,
  input: Type | undefined,
): OpenApiOperation {
  const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, found = '']): Parameter => ({
    name: found,
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }));
  const body = { $ref: `#/components/schemas/${input?.name ?? ''}` };
  return {
    operationId: `${controller.name}_${name}`,
    summary,
    tags: [pathOf(controller).split('/')[2] ?? 'history'],
    parameters: [...inPath, ...(input && !hasBody ? queryOf(input) : [])],
    ...(input && hasBody ? { requestBody: { required: true, content: { 'application/json': { schema: body } } } } : {}),
    responses: { 200: { description: '', content: { [contentType]: { schema } } } },
  };
}

function queryOf(input: Type): Parameter[] {
  return propertiesOf(prototypeOf(input)).map(({ name, required, schema: { description, ...schema } }) => ({
    name,
    in: 'query',
    required,
    ...(description === undefined ? {} : { description }),
    schema,
  }));
}

function schemaOf(input: Type): Schema {
  const properties = propertiesOf(prototypeOf(input));
  const required = properties.filter((property) => property.required).map(({ name }) => name);
  return {
    type: 'object',
    properties: Object.fromEntries(properties.map(({ name, schema }) => [name, schema])),
    ...(required.length > 0 ? { required } : {}),
  };
}

/** `api/orders` and `:orderNo/pay` → `/api/orders/{orderNo}/pay` */
function pathOf(...decorated: readonly object[]): string {
  const parts = decorated.flatMap((each) => textOf(Reflect.getMetadata(PATH_METADATA, each)).split('/'));
  const path = parts.filter((part) => part !== '').map((part) => part.replace(/^:(\w+)$/, '{$1}'));
  return `/${path.join('/')}`;
}

/** The class of the handler’s body or query: the one of its parameters that describes properties. */
function inputOf(controller: Type, { name }: DescribedOperation): Type | undefined {
  const types: unknown = Reflect.getMetadata('design:paramtypes', prototypeOf(controller), name);
  return Array.isArray(types) ? types.find(isInput) : undefined;
}

function isInput(type: unknown): type is Type {
  if (typeof type !== 'function') return false;
  const prototype: unknown = type.prototype;
  return typeof prototype === 'object' && prototype !== null && propertiesOf(prototype).length > 0;
}

function prototypeOf({ prototype }: { readonly prototype: object }): object {
  return prototype;
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
