import { Converter } from 'typedoc';

/** The public entry of each package, and the name under which a host imports it. */
export const DOORS = {
  'libs/wanpay/src/index.ts': 'nestjs-wanpay',
  'libs/wanpay/src/protocol/index.ts': 'nestjs-wanpay/protocol',
  'libs/wanpay/src/testing/index.ts': 'nestjs-wanpay/testing',
  'libs/wanpay/src/transactions/index.ts': 'nestjs-wanpay/transactions',
  'libs/wanpay/src/health/index.ts': 'nestjs-wanpay/health',
  'libs/wanpay/src/telemetry/index.ts': 'nestjs-wanpay/telemetry',
  'libs/wanpay/src/bullmq/index.ts': 'nestjs-wanpay/bullmq',
  'libs/wanpay/src/ledger/index.ts': 'nestjs-wanpay/ledger',
  'libs/wanpay/src/ledger/conformance.ts': 'nestjs-wanpay/ledger-conformance',
  'libs/wanpay/src/ledger/stores/sqlite/index.ts': 'nestjs-wanpay/sqlite',
  'libs/wanpay/src/ledger/stores/postgres/index.ts': 'nestjs-wanpay/postgres',
  'libs/wanpay/src/ledger/stores/mysql/index.ts': 'nestjs-wanpay/mysql',
  'libs/wanpay-emulator/src/index.ts': 'wanpay-emulator',
  'libs/wanpay-emulator/src/expectations/index.ts': 'wanpay-emulator/testing',
};

/** A plugin of TypeDoc: names each module as a host imports it, not after its file. */
export function load({ converter }) {
  converter.on(Converter.EVENT_RESOLVE_BEGIN, ({ project }) => {
    for (const module of project.children ?? []) {
      const path = project.files.getReflectionPath(module) ?? module.sources?.[0]?.fullFileName ?? '';
      const door = Object.keys(DOORS).find((file) => path.endsWith(file));
      if (!door) throw new Error(`doors.js doesn't know ${module.name}.`);
      module.name = DOORS[door];
    }
  });
}
