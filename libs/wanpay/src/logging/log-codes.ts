/** Every kind of line that the module logs, by its code, with its level. Codes are stable: a new kind gets a new one. */
export const LOG_CODES = {
  check_not_expedited: 'warn',
  checks_failing: 'warn',
  checks_paused: 'error',
  checks_resumed: 'log',
  claim_not_renewed: 'warn',
  claim_not_returned: 'warn',
  claims_failed: 'error',
  clock_off: 'warn',
  csrf_blocks_notifications: 'warn',
  database_connection_lost: 'warn',
  database_file_lost: 'error',
  delivery_dead: 'error',
  delivery_not_recorded: 'error',
  delivery_off: 'log',
  delivery_retried: 'warn',
  guard_blocks_notifications: 'warn',
  guard_fails: 'warn',
  guard_undecided: 'warn',
  handler_name_unstable: 'warn',
  handler_not_running: 'warn',
  handler_of_no_instance: 'warn',
  handler_overdue: 'warn',
  handlers_found: 'log',
  handlers_not_announced: 'warn',
  handlers_not_listed: 'warn',
  host_not_examined: 'debug',
  ledger_in_memory: 'warn',
  listener_failed: 'error',
  notification_address_missing: 'warn',
  notification_address_uncertain: 'warn',
  notification_broken_off: 'warn',
  notification_not_checked: 'error',
  notification_not_recorded: 'error',
  notification_refused: 'warn',
  notification_refused_by_host: 'warn',
  notification_route_missing: 'warn',
  notification_unacknowledged: 'warn',
  order_missing: 'warn',
  paid_handler_missing: 'warn',
  prepared_statements_off: 'warn',
  queue_failing: 'warn',
  queue_job_failed: 'error',
  queue_job_unknown: 'warn',
  queue_not_started: 'error',
  queue_not_stopped: 'warn',
  queue_recovered: 'log',
  sweep_failed: 'error',
  throttler_limits_notifications: 'warn',
} as const;

/** The levels that the module logs at. */
export type LogLevel = (typeof LOG_CODES)[keyof typeof LOG_CODES];

/** The codes of one level, or of all. */
export type LogCode<Level extends LogLevel = LogLevel> = {
  [Code in keyof typeof LOG_CODES]: (typeof LOG_CODES)[Code] extends Level ? Code : never;
}[keyof typeof LOG_CODES];
