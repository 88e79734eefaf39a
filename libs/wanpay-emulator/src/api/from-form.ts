import { Transform } from 'class-transformer';

/** Takes the digits of a form's input for the number that JSON would hold; leaves everything else as it is. */
export const NumberFromForm = (): PropertyDecorator =>
  Transform(({ value }: { value: unknown }) =>
    typeof value === 'string' && /^\d{1,15}(\.\d{1,6})?$/.test(value) ? Number(value) : value,
  );

/** Takes `true` and `false` of a form's input for what they say. */
export const BooleanFromForm = (): PropertyDecorator =>
  Transform(({ value }: { value: unknown }) => (value === 'true' ? true : value === 'false' ? false : value));

/** Takes the lines of a form's input for a list; blank ones don't count. */
export const LinesFromForm = (): PropertyDecorator =>
  Transform(({ value }: { value: unknown }) =>
    typeof value === 'string' ? value.split(/[\s,]+/).filter((line) => line !== '') : value,
  );

/** Takes `name=value&…` of a form's input for a set of fields. */
export const FieldsFromForm = (): PropertyDecorator =>
  Transform(({ value }: { value: unknown }) =>
    typeof value === 'string' ? Object.fromEntries(new URLSearchParams(value)) : value,
  );
