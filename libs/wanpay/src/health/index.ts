export type { ProcessActivity } from '../observation/activity.js';
export type { HandlerBacklog, WanPayStatus } from '../wanpay.status.js';
export type { HealthCode, HealthFinding, HealthThresholds } from './findings.js';
export {
  type LedgerHealthOptions,
  type WanPayHealth,
  WanPayHealthIndicator,
  type WanPayHealthOptions,
  type WanPayHealthResult,
} from './wanpay-health.indicator.js';
