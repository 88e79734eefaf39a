import 'reflect-metadata';

/** A schema of OpenAPI 3.0, as far as the control API needs one. */
export interface Schema {
  readonly $ref?: string;
  readonly type?: 'array' | 'boolean' | 'integer' | 'number' | 'object' | 'string';
  readonly description?: string;
  readonly format?: string;
  readonly example?: unknown;
  readonly enum?: readonly unknown[];
  readonly minimum?: number;
  readonly items?: Schema;
  readonly oneOf?: readonly Schema[];
  readonly properties?: Schemas;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | Schema;
}

export type Schemas = Readonly<Record<string, Schema>>;

/** A property of a body or a query. */
export interface DescribedProperty {
  readonly name: string;
  readonly required: boolean;
  readonly schema: Schema;
}

/** What a handler does and answers with. */
export interface DescribedOperation {
  readonly name: string;
  readonly handler: object;
  readonly summary: string;
  readonly contentType: string;
  readonly schema: Schema;
}

const PROPERTIES = new WeakMap<object, readonly DescribedProperty[]>();
const OPERATIONS = new WeakMap<object, readonly DescribedOperation[]>();
const TYPES: ReadonlyMap<unknown, Schema['type']> = new Map<unknown, Schema['type']>([
  [String, 'string'],
  [Number, 'number'],
  [Boolean, 'boolean'],
]);

/** Describes a property of a body or a query. Its type is that of the class, unless the schema has one. */
export function Property(schema: Schema, { required = false } = {}): PropertyDecorator {
  return (prototype, name) => {
    const type = TYPES.get(Reflect.getMetadata('design:type', prototype, name));
    const described = {
      name: String(name),
      required,
      schema: { ...(type && !schema.oneOf ? { type } : {}), ...schema },
    };
    PROPERTIES.set(prototype, [...propertiesOf(prototype), described]);
  };
}

/** Describes a handler of a controller. */
export function Operation(summary: string, schema: Schema, contentType = 'application/json'): MethodDecorator {
  return (prototype, name, { value }) => {
    if (typeof value !== 'function') return;
    const described = { name: String(name), handler: value, summary, contentType, schema };
    OPERATIONS.set(prototype, [...operationsOf(prototype), described]);
  };
}

/** The properties that a class describes, those of its base first. */
export function propertiesOf(prototype: object): readonly DescribedProperty[] {
  const base: unknown = Object.getPrototypeOf(prototype);
  return PROPERTIES.get(prototype) ?? (typeof base === 'object' && base !== null ? propertiesOf(base) : []);
}

/** The handlers that a controller describes. */
export function operationsOf(prototype: object): readonly DescribedOperation[] {
  return OPERATIONS.get(prototype) ?? [];
}
