export { WanPayDeskModule } from './desk.module.js';
export type {
  DeskLanguage,
  DeskRequest,
  WanPayDeskAsyncOptions,
  WanPayDeskOptions,
  WanPayDeskSettings,
} from './desk.options.js';
export { WanPayDeskConfigurationError } from './errors.js';
