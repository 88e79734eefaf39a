import { type Fields } from '../platform/fields.js';

const JSON_NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?$/;

/** Whether a text can stand in JSON as a number, as it is. */
export function isJsonNumber(text: string): boolean {
  return JSON_NUMBER.test(text);
}

/** Fields as a JSON object. Numbers keep the digits that they have: `1280.00` does not become `1280`. */
export function writeJson(fields: Fields, isNumber: (name: string, value: string) => boolean = () => false): string {
  const members = Object.entries(fields).map(
    ([name, value]) => `${JSON.stringify(name)}:${isNumber(name, value) ? value : JSON.stringify(value)}`,
  );
  return `{${members.join(',')}}`;
}
