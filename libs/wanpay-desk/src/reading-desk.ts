import type { WanPayService } from 'nestjs-wanpay';
import { lastDays, periodOf } from './days.js';
import { DeskProblem } from './errors.js';
import type { Exchange } from './http/exchange.js';
import { readFigures } from './ledger/figures.js';
import { readNeeds, readRetired } from './ledger/needs.js';
import { findPayments, readSearch } from './ledger/search.js';
import { findAsset } from './pages/assets.js';
import { figuresPage } from './pages/figures.page.js';
import { needsPage } from './pages/needs.page.js';
import { paymentsPage } from './pages/payments.page.js';

const DAYS = 30;
const MAX_DAYS = 92;
const DAY_MS = 86_400_000;

export async function showNeeds(wanpay: WanPayService, exchange: Exchange): Promise<void> {
  const [needs, retired] = await Promise.all([readNeeds(wanpay), readRetired(wanpay)]);
  exchange.page(needsPage(exchange, needs, retired));
}

export async function showPayments(wanpay: WanPayService, exchange: Exchange): Promise<void> {
  const { query } = exchange;
  const search = readSearch(query);
  const [found, { count: needs }] = await Promise.all([
    findPayments(wanpay, search, exchange.asked('after')),
    readNeeds(wanpay),
  ]);
  exchange.page(paymentsPage(exchange, { search, found, needs, query }));
}

export async function showFigures(wanpay: WanPayService, exchange: Exchange): Promise<void> {
  const { count: needs, status } = await readNeeds(wanpay);
  const preset = lastDays(status.at, DAYS);
  const [from, to] = [exchange.asked('from') ?? preset.from, exchange.asked('to') ?? preset.to];
  const period = periodOf(from, to);
  const isShort = period && period.to.getTime() - period.from.getTime() <= MAX_DAYS * DAY_MS;
  const figures = isShort ? await readFigures(wanpay, period, status.at) : undefined;
  exchange.page(figuresPage(exchange, { from, to, figures, needs }), figures ? 200 : 400);
}

/** @throws DeskProblem when there is no such file */
export function sendAsset(exchange: Exchange): void {
  const [path = ''] = exchange.request.originalUrl.split('?', 1);
  const asset = findAsset(path.split('/').at(-1) ?? '');
  if (!asset) throw new DeskProblem(404, { chinese: '沒有這個檔案。', english: 'There is no such file.' });
  exchange.asset(asset.type, asset.content);
}
