import { isLive, TEST_MERCHANT_NO } from '../../platform/platform.js';
import type { WanPayModuleOptions } from '../../wanpay.options.js';
import { WanPayConfigurationError } from '../../wanpay.settings.js';
import { type CommandSettings, missingIn, settingsOf } from '../platform.js';
import type { Surroundings } from '../surroundings.js';
import { isPrivate, withoutCredentials } from './address.js';
import { type Finding, reporter } from './finding.js';
import { proxyFindings, valueFindings } from './variables.js';

const report = reporter('configuration');
const ADVICE = 'Correct it in the environment, or in the file that --env names.';

/** What is wrong with the options, and the settings that they make if nothing is. */
export interface Configuration {
  readonly findings: readonly Finding[];
  readonly settings?: CommandSettings;
}

/** Looks at the module's options as the environment has them. */
export async function checkConfiguration(
  options: WanPayModuleOptions,
  env: Surroundings['env'],
): Promise<Configuration> {
  const values = valueFindings(env);
  const missing = missingIn(options);
  if (missing.length > 0) {
    return { findings: [...missing.map((problem) => report.failure('missing', problem, ADVICE)), ...values] };
  }
  try {
    const settings = settingsOf(options);
    const findings = [
      describe(settings),
      ...(await platformFindings(settings, env.NODE_ENV)),
      ...values,
      ...proxyFindings(settings, env),
    ];
    return { settings, findings };
  } catch (error) {
    if (!(error instanceof WanPayConfigurationError)) throw error;
    return { findings: [...error.problems.map((problem) => report.failure('invalid', problem, ADVICE)), ...values] };
  }
}

function describe({ defaultMerchantNo, baseUrl }: CommandSettings): Finding {
  const money = isLive(baseUrl, defaultMerchantNo)
    ? 'real money'
    : defaultMerchantNo === TEST_MERCHANT_NO
      ? 'the vendor’s public test merchant, no real money'
      : 'not WanPay’s own platform, no real money';
  return report.ok(`Merchant ${defaultMerchantNo} at ${withoutCredentials(baseUrl)}: ${money}.`);
}

async function platformFindings(
  { defaultMerchantNo, baseUrl }: CommandSettings,
  nodeEnv: string | undefined,
): Promise<readonly Finding[]> {
  const isPlain = new URL(baseUrl).protocol === 'http:' && !(await isPrivate(baseUrl));
  return [
    ...(isPlain
      ? [
          report.failure(
            'plain_http',
            'Requests to the platform are sent without TLS.',
            'Begin WANPAY_BASE_URL with https://.',
          ),
        ]
      : []),
    ...(nodeEnv === 'production' && !isLive(baseUrl, defaultMerchantNo)
      ? [
          report.warning(
            'test_in_production',
            'NODE_ENV is production, and no real money moves: payments have livemode false.',
            'Set the merchant number and key of your contract, and leave WANPAY_BASE_URL out.',
          ),
        ]
      : []),
  ];
}
