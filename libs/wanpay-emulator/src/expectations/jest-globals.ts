// The types that are added to have to be there.
import type {} from 'expect';
import { type WanPayMatchers } from './matchers.js';

export * from './index.js';

declare module 'expect' {
  interface Matchers<R extends void | Promise<void>> extends WanPayMatchers<R> {}
}
