import { type Driver, DRIVER_NAMES, loadDriver } from './sqlite/driver.js';

/** The drivers that this machine has. */
export const installedDrivers: readonly Driver[] = (
  await Promise.allSettled(DRIVER_NAMES.map((name) => loadDriver(name)))
)
  .filter((loaded) => loaded.status === 'fulfilled')
  .map(({ value }) => value);

/** Hears of each statement, before the driver does what it is asked. */
export interface StatementListener {
  prepared?(sql: string): void;
  /** Also of a script that is executed without being prepared. */
  run?(sql: string, how: 'run' | 'all' | 'exec'): void;
}

/** A driver that tells what it is asked for. */
export function watchedDriver(driver: Driver, listener: StatementListener): Driver {
  return {
    name: driver.name,
    open: (file) => {
      const database = driver.open(file);
      return {
        prepare: (sql) => {
          listener.prepared?.(sql);
          const statement = database.prepare(sql);
          return {
            run: (...values) => {
              listener.run?.(sql, 'run');
              return statement.run(...values);
            },
            all: (...values) => {
              listener.run?.(sql, 'all');
              return statement.all(...values);
            },
          };
        },
        exec: (sql) => {
          listener.run?.(sql, 'exec');
          return database.exec(sql);
        },
        close: () => database.close(),
      };
    },
  };
}
