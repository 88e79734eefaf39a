import { NestFactory } from '@nestjs/core';
import { WorkerModule } from './worker.module.js';

// No HTTP server: the ledger tells the worker what there is to do.
const app = await NestFactory.createApplicationContext(WorkerModule);
app.enableShutdownHooks(); // lets running handlers finish
