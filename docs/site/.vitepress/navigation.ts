import type { DefaultTheme } from 'vitepress';

type Title = readonly [english: string, chinese: string];

/** The pages in reading order, in groups. `inBoth` pages exist in both languages; the others are English only. */
const GROUPS: readonly { title: Title; pages: Readonly<Record<string, Title>>; inBoth: boolean }[] = [
  {
    title: ['Start', '開始'],
    inBoth: true,
    pages: {
      'getting-started': ['Getting started', '快速開始'],
      configuration: ['Configuration', '設定'],
      'existing-applications': ['In an existing application', '加入現有應用程式'],
    },
  },
  {
    title: ['By task', '依工作'],
    inBoth: true,
    pages: {
      'taking-a-payment': ['Taking a payment', '收款'],
      events: ['Handling events', '處理事件'],
      transactions: ['Transactions', '交易'],
      testing: ['Testing', '測試'],
      reconciliation: ['Reconciliation', '對帳'],
      ledgers: ['Where payments are kept', '付款資料存放處'],
      'several-merchants': ['Several merchants and instances', '多商戶與多實例'],
      'several-machines': ['Several machines', '多台機器'],
    },
  },
  {
    title: ['Examples', '範例'],
    inBoth: true,
    pages: {
      'examples/': ['All examples', '全部範例'],
      'examples/minimal': ['Minimal', '最小範例'],
      'examples/typeorm': ['TypeORM with a transaction', 'TypeORM 與交易'],
      'examples/prisma': ['Prisma', 'Prisma'],
      'examples/web-and-worker': ['Web and worker processes', '網頁行程與工作行程'],
      'examples/bullmq': ['BullMQ', 'BullMQ'],
      'examples/key-vault': ['Several merchants, keys from a vault', '多商戶，金鑰來自保管庫'],
      'examples/react': ['A payment page in React', 'React 付款頁'],
      'examples/opentelemetry': ['OpenTelemetry', 'OpenTelemetry'],
    },
  },
  {
    title: ['In production', '正式環境'],
    inBoth: true,
    pages: {
      'going-live': ['Going live', '上線'],
      observability: ['Health, metrics and traces', '健康檢查、指標與追蹤'],
      troubleshooting: ['Troubleshooting', '疑難排解'],
      faq: ['Questions', '常見問題'],
      upgrading: ['Upgrading', '升級'],
    },
  },
  {
    title: ['Tools', '工具'],
    inBoth: true,
    pages: {
      'wanpay-emulator': ['The emulator', '模擬器'],
      'wanpay-desk': ['The desk', '後台'],
      cli: ['The command line', '命令列'],
      shop: ['The demo shop', '示範商店'],
    },
  },
  {
    title: ['In depth', '深入'],
    inBoth: true,
    pages: {
      payments: ['States, money and events', '狀態、款項與事件'],
      notifications: ['Notifications', '通知'],
      'writing-a-ledger': ['Writing a ledger', '自訂帳本'],
      glossary: ['Glossary', '詞彙表'],
    },
  },
  {
    title: ['Operations', '維運（英文）'],
    inBoth: false,
    pages: {
      'operations/': ['Dashboard and alerts', '儀表板與警示'],
      'operations/runbook': ['Runbook', '操作手冊'],
      scaling: ['Growth', '成長'],
    },
  },
  {
    title: ['The project', '專案（英文）'],
    inBoth: false,
    pages: {
      'api/': ['API reference', 'API 參考'],
      performance: ['Performance', '效能'],
      security: ['Security', '安全性'],
      'adr/': ['Decision records', '決策紀錄'],
      contributing: ['Contributing', '參與開發'],
      changelog: ['Changelog', '變更紀錄'],
    },
  },
];

function sidebar(language: 0 | 1): DefaultTheme.SidebarItem[] {
  return GROUPS.map(({ title, pages, inBoth }) => ({
    text: title[language],
    items: Object.entries(pages).map(([page, titles]) => ({
      text: titles[language],
      link: language === 1 && inBoth ? `/zh-TW/${page}` : `/${page}`,
    })),
  }));
}

export const ENGLISH: DefaultTheme.Config = { sidebar: sidebar(0) };

export const CHINESE: DefaultTheme.Config = {
  sidebar: sidebar(1),
  outline: { level: [2, 3], label: '本頁內容' },
  docFooter: { prev: '上一頁', next: '下一頁' },
  darkModeSwitchLabel: '外觀',
  lightModeSwitchTitle: '切換為淺色',
  darkModeSwitchTitle: '切換為深色',
  sidebarMenuLabel: '選單',
  returnToTopLabel: '回到頂端',
  langMenuLabel: '切換語言',
  skipToContentLabel: '跳至內容',
  notFound: {
    title: '找不到這個頁面',
    quote: '網址可能打錯了，或頁面已經移走。請回到首頁，或使用搜尋功能。',
    linkLabel: '回到首頁',
    linkText: '回到首頁',
  },
};
