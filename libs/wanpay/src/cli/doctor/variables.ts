import { ENVIRONMENT_VARIABLES } from '../../wanpay.config.js';
import type { CommandSettings } from '../platform.js';
import type { Surroundings } from '../surroundings.js';
import { withoutCredentials } from './address.js';
import { type Finding, reporter } from './finding.js';
import { proxyOf } from './platform-probe.js';

const report = reporter('configuration');
const NAMES = [...Object.values(ENVIRONMENT_VARIABLES), 'WANPAY_DATABASE_URL'];
const QUOTED = /^\s*(["'])[^]*\1\s*$/;
const PROXY_VARIABLES = ['HTTPS_PROXY', 'HTTP_PROXY', 'ALL_PROXY'];

/** What a shell or an env file left around the values: `docker run --env-file` keeps quotes as a part of them. */
export function valueFindings(env: Surroundings['env']): readonly Finding[] {
  return NAMES.flatMap((name): readonly Finding[] => {
    const value = env[name] ?? '';
    if (value === '') return [];
    if (QUOTED.test(value)) {
      return [
        report.failure(
          'quoted_value',
          `The value of ${name} has quotes around it, which are a part of it.`,
          'Remove the quotes: docker run --env-file and systemd keep them, other readers of such files do not.',
        ),
      ];
    }
    if (value.trim() === value) return [];
    return [
      report.failure(
        'space_in_value',
        `The value of ${name} has white space around it.`,
        'Remove the white space, such as a line break at its end or the carriage return of a Windows file.',
      ),
    ];
  });
}

/** A proxy that nobody named to the module: the environment's applies to it as well. */
export function proxyFindings(settings: CommandSettings, env: Surroundings['env']): readonly Finding[] {
  const { baseUrl, proxy } = settings;
  if (proxy) return [];
  const used = proxyOf(settings);
  const set = PROXY_VARIABLES.filter((name) => env[name] ?? env[name.toLowerCase()]);
  if (used)
    return [
      report.ok(`Requests to ${withoutCredentials(baseUrl)} go through the proxy ${used.name} of the environment.`),
    ];
  if (set.length === 0) return [];
  return [report.ok(`${set.join(', ')} is set, and does not apply to ${withoutCredentials(baseUrl)}.`)];
}
