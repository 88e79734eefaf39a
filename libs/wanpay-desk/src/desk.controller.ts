import {
  type CanActivate,
  Controller,
  Get,
  Inject,
  Post,
  Req,
  Res,
  SetMetadata,
  type Type,
  UseGuards,
} from '@nestjs/common';
import { DESK_SETTINGS, type DeskRequest, type WanPayDeskSettings } from './desk.options.js';
import { problemOf } from './http/answer.js';
import { type DeskReply, Exchange } from './http/exchange.js';
import { DeskLedger } from './ledger/desk-ledger.js';
import { ReconciliationRuns } from './ledger/reconciliation-runs.js';
import { PaymentDesk } from './payment-desk.js';
import { errorPage } from './pages/error.page.js';
import { ReconciliationDesk } from './reconciliation-desk.js';
import { sendAsset, showFigures, showNeeds, showPayments } from './reading-desk.js';

/** What `ApiExcludeController()` of `@nestjs/swagger` sets: pages are no part of the host's API. */
const HiddenFromOpenApi = SetMetadata('swagger/apiExcludeController', [true]);

/** Where a controller is, and who may use it. */
interface Mount {
  readonly path: string;
  readonly version: string | undefined;
  readonly guards: readonly (Type<CanActivate> | CanActivate)[];
}

/** Makes the controller of one mount. Each has a class of its own, since routes and guards live in a class's metadata. */
export function createDeskController({ path, version, guards }: Mount): Type {
  @Controller({ path, ...(version === undefined ? {} : { version }) })
  @HiddenFromOpenApi
  class DeskController {
    private readonly payment: PaymentDesk;
    private readonly reconciliation: ReconciliationDesk;

    constructor(
      @Inject(DeskLedger) private readonly ledger: DeskLedger,
      @Inject(DESK_SETTINGS) private readonly settings: WanPayDeskSettings,
      @Inject(ReconciliationRuns) runs: ReconciliationRuns,
    ) {
      this.payment = new PaymentDesk(ledger);
      this.reconciliation = new ReconciliationDesk(ledger, runs);
    }

    @Get()
    needs(@Req() request: DeskRequest, @Res() reply: DeskReply): Promise<void> {
      return this.show('', request, reply, (exchange) => showNeeds(this.ledger.wanpay, exchange));
    }

    @Get('assets/:name')
    asset(@Req() request: DeskRequest, @Res() reply: DeskReply): Promise<void> {
      return this.show('assets/name', request, reply, sendAsset);
    }

    @Get('payments')
    payments(@Req() request: DeskRequest, @Res() reply: DeskReply): Promise<void> {
      return this.show('payments', request, reply, (exchange) => showPayments(this.ledger.wanpay, exchange));
    }

    @Get('payments.csv')
    paymentsCsv(@Req() request: DeskRequest, @Res() reply: DeskReply): Promise<void> {
      return this.show('payments.csv', request, reply, (exchange) => this.payment.download(exchange));
    }

    @Get('payment')
    onePayment(@Req() request: DeskRequest, @Res() reply: DeskReply): Promise<void> {
      return this.show('payment', request, reply, (exchange) => this.payment.show(exchange));
    }

    @Post('payment/query')
    query(@Req() request: DeskRequest, @Res() reply: DeskReply): Promise<void> {
      return this.act('payment/query', request, reply, (exchange) => this.payment.query(exchange));
    }

    @Post('payment/note')
    note(@Req() request: DeskRequest, @Res() reply: DeskReply): Promise<void> {
      return this.act('payment/note', request, reply, (exchange) => this.payment.write(exchange, 'note'));
    }

    @Post('payment/reviewed')
    reviewed(@Req() request: DeskRequest, @Res() reply: DeskReply): Promise<void> {
      return this.act('payment/reviewed', request, reply, (exchange) => this.payment.write(exchange, 'reviewed'));
    }

    @Post('payment/accept')
    accept(@Req() request: DeskRequest, @Res() reply: DeskReply): Promise<void> {
      return this.act('payment/accept', request, reply, (exchange) => this.payment.accept(exchange));
    }

    @Post('payment/replay')
    replay(@Req() request: DeskRequest, @Res() reply: DeskReply): Promise<void> {
      return this.act('payment/replay', request, reply, (exchange) => this.payment.replay(exchange));
    }

    @Post('handler/retire')
    retire(@Req() request: DeskRequest, @Res() reply: DeskReply): Promise<void> {
      return this.act('handler/retire', request, reply, (exchange) => this.payment.retire(exchange));
    }

    @Get('figures')
    figures(@Req() request: DeskRequest, @Res() reply: DeskReply): Promise<void> {
      return this.show('figures', request, reply, (exchange) => showFigures(this.ledger.wanpay, exchange));
    }

    @Get('reconciliation')
    runs(@Req() request: DeskRequest, @Res() reply: DeskReply): Promise<void> {
      return this.show('reconciliation', request, reply, (exchange) => this.reconciliation.list(exchange));
    }

    @Post('reconciliation')
    reconcile(@Req() request: DeskRequest, @Res() reply: DeskReply): Promise<void> {
      return this.act('reconciliation', request, reply, (exchange) => this.reconciliation.start(exchange));
    }

    @Post('reconciliation/resume')
    resume(@Req() request: DeskRequest, @Res() reply: DeskReply): Promise<void> {
      return this.act('reconciliation/resume', request, reply, (exchange) => this.reconciliation.resume(exchange));
    }

    @Get('reconciliation/run')
    run(@Req() request: DeskRequest, @Res() reply: DeskReply): Promise<void> {
      return this.show('reconciliation/run', request, reply, (exchange) => this.reconciliation.showRun(exchange));
    }

    @Get('reconciliation/run.csv')
    runCsv(@Req() request: DeskRequest, @Res() reply: DeskReply): Promise<void> {
      return this.show('reconciliation/run.csv', request, reply, (exchange) =>
        this.reconciliation.downloadRun(exchange),
      );
    }

    @Post('statement')
    upload(@Req() request: DeskRequest, @Res() reply: DeskReply): Promise<void> {
      return this.act('statement', request, reply, (exchange) => this.reconciliation.upload(exchange));
    }

    @Get('statement')
    statement(@Req() request: DeskRequest, @Res() reply: DeskReply): Promise<void> {
      return this.show('statement', request, reply, (exchange) => this.reconciliation.showStatement(exchange));
    }

    @Post('statement/compare')
    compare(@Req() request: DeskRequest, @Res() reply: DeskReply): Promise<void> {
      return this.act('statement/compare', request, reply, (exchange) => this.reconciliation.compare(exchange));
    }

    @Get('statement.csv')
    statementCsv(@Req() request: DeskRequest, @Res() reply: DeskReply): Promise<void> {
      return this.show('statement.csv', request, reply, (exchange) => this.reconciliation.downloadStatement(exchange));
    }

    private act(...[below, request, reply, work]: Parameters<DeskController['show']>): Promise<void> {
      return this.show(below, request, reply, (exchange) => {
        exchange.assertSameOrigin();
        return work(exchange);
      });
    }

    /** Tells a person what went wrong as a page. What they can do nothing about is the host's to tell. */
    private async show(
      below: string,
      request: DeskRequest,
      reply: DeskReply,
      work: (exchange: Exchange) => void | Promise<void>,
    ): Promise<void> {
      const exchange = new Exchange(request, reply, below, this.settings);
      try {
        await work(exchange);
      } catch (error) {
        const problem = problemOf(error);
        if (!problem) throw error;
        exchange.page(errorPage(exchange, problem.wording), problem.httpStatus);
      }
    }
  }
  if (guards.length > 0) UseGuards(...guards)(DeskController);
  return DeskController;
}
