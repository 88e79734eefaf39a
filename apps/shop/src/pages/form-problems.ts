import { HttpStatus } from '@nestjs/common';
import type { ValidationError, ValidationOptions } from 'class-validator';
import type { Wording } from '../payment-page/language.js';
import { Problem } from './problem.js';

/** What a constraint of a form says when it is not met: `@IsInt(says('…', '…'))`. */
export function says(chinese: string, english: string): ValidationOptions {
  return { message: english, context: { chinese, english } };
}

/** What is wrong with a form, for Nest's `ValidationPipe`. */
export function toFormProblem(errors: readonly ValidationError[]): Problem {
  return new Problem(HttpStatus.BAD_REQUEST, errors.flatMap(wordingsOf));
}

function wordingsOf({ constraints = {}, contexts = {} }: ValidationError): Wording[] {
  return Object.entries(constraints).map(([name, message]) => {
    const context: unknown = contexts[name];
    return isWording(context) ? context : { chinese: message, english: message };
  });
}

function isWording(value: unknown): value is Wording {
  return typeof value === 'object' && value !== null && 'chinese' in value && 'english' in value;
}
