/** Sentences of the command line in Traditional Chinese. `{0}` stands for a name or a number, which may itself be a sentence. */
export const ZH_TW: Readonly<Record<string, string>> = {
  // Help
  'Usage:': '用法：',
  'Arguments:': '參數：',
  'Options:': '選項：',
  'Global Options:': '共用選項：',
  'Commands:': '指令：',
  'Examples:': '範例：',
  'Manages WanPay payments from the command line. Reads the WANPAY_* variables of the module.':
    '在命令列管理 WanPay 付款，讀取模組的 WANPAY_* 環境變數。',
  'Exit codes: 0 all is well; 1 something needs attention, or the command failed; 2 the command can’t be used as given, and nothing was done.':
    '結束代碼：0 一切正常；1 有事項需要處理，或指令失敗；2 指令不能這樣使用，沒有執行任何動作。',
  'Keys are read from the environment (WANPAY_KEY, WANPAY_KEYS) or --env, and are never printed.':
    '金鑰從環境變數（WANPAY_KEY、WANPAY_KEYS）或 --env 讀取，絕不顯示。',
  'check the configuration, key, clock, egress address, notification URL and ledger; change nothing':
    '檢查設定、金鑰、時鐘、對外位址、通知網址與帳本是否正確；不更動任何東西',
  'query the platform about every unpaid payment of a period, settle the answers, and report':
    '向平台查詢一段期間內每一筆未付款的訂單，套用結果並提出報告',
  'query the platform about an order; with a ledger, settle the answer and show the history':
    '向平台查詢一筆訂單；有帳本時套用結果並顯示歷程',
  'list the handlers that the ledger knows, and the deliveries that wait for each':
    '列出帳本所知的處理函式，以及等待各處理函式的投遞',
  'list the dead letters: deliveries that were given up, newest first, and why':
    '列出死信：已放棄的投遞，由新到舊，以及原因',
  'deliver dead letters to the host’s handlers again': '把死信重送給應用程式的處理函式',
  'remove a handler that no process has any more, and drop its deliveries for good':
    '移除已經沒有行程擁有的處理函式，並永久捨棄它的投遞',
  'sign a message (2.3) with the newest key, and show the string that is signed, without the key':
    '以最新的金鑰為訊息簽章（2.3），並顯示被簽章的字串（不含金鑰）',
  'check a message’s signature and, if it is wrong, say what may be the cause':
    '檢查訊息的簽章是否正確；若不正確，說明可能的原因',
  'print the SQL of the ledger’s tables, for psql; with --mysql, for mysql':
    '印出帳本資料表的 SQL，供 psql 使用；加上 --mysql 則供 mysql 使用',
  'the SQL for MySQL and MariaDB, for the database that it is run in': 'MySQL 與 MariaDB 的 SQL，在帳本的資料庫中執行',
  'display help for command': '顯示指令的說明',
  'output the version number': '顯示版本',
  'the language of the output (default: from LC_ALL and LANG)': '顯示文字的語言（預設：依 LC_ALL 與 LANG）',
  'also read variables from a file; those of the environment take precedence': '另從檔案讀取環境變數；環境中已有的優先',
  'print JSON, for programs': '輸出 JSON，供程式使用',
  'the merchant, instead of WANPAY_MERCHANT_NO': '商戶編號，取代 WANPAY_MERCHANT_NO',
  'the platform’s address, instead of WANPAY_BASE_URL': '平台的網址，取代 WANPAY_BASE_URL',
  'the ledger’s PostgreSQL; WANPAY_DATABASE_URL keeps its password out of ps':
    '帳本所在的 PostgreSQL；用 WANPAY_DATABASE_URL 可避免密碼出現在 ps',
  'the ledger’s MySQL or MariaDB; WANPAY_DATABASE_URL does the same':
    '帳本所在的 MySQL 或 MariaDB；也可用 WANPAY_DATABASE_URL',
  'the ledger’s SQLite file; it belongs to one process, so stop the host':
    '帳本的 SQLite 檔案；它只屬於一個行程，請先停止應用程式',
  'the schema of its tables (default: wanpay)': '資料表所在的 schema（預設：wanpay）',
  'the notification URL, instead of WANPAY_NOTIFICATION_URL': '接收通知的網址，取代 WANPAY_NOTIFICATION_URL',
  'payments created then or later; Taipei time unless a zone is given (default: a day before --to)':
    '在此時或之後建立；未註明時為台北時間（預設：--to 的前一天）',
  'payments created before then; 2026-11-02 means its first second (default: now)':
    '在此時之前建立；2026-11-02 指當天的第一秒（預設：現在）',
  'the most queries a second; the host’s own are not counted (default: 5)':
    '每秒最多查詢次數；應用程式自己的另計（預設：5）',
  'the order’s number': '訂單編號',
  'the handler’s id, as the command handlers shows it': '處理函式的代號，如 handlers 指令所示',
  'also when a process had the handler in the last three minutes': '即使最近三分鐘內有行程擁有它',
  'only those to this handler': '只列給這個處理函式的',
  'how many at most': '最多幾筆',
  'the ids of deliveries, as the command dead shows them': '投遞的代號，如 dead 指令所示',
  'every dead letter': '所有死信',
  'every dead letter to this handler': '給這個處理函式的所有死信',
  'only events recorded then or later; Taipei time unless a zone is given':
    '在此時或之後記錄的事件；未註明時為台北時間',
  'only events recorded before then': '在此時之前記錄的事件',
  'successful deliveries instead of dead letters; handlers then get an event twice':
    '改為已成功送達的投遞，而不是死信；處理函式會再收到一次同一事件',
  'name=value …; left out, a form or JSON is read from --file or standard input':
    'name=value …；省略時從 --file 或標準輸入讀取表單或 JSON',
  'the message, a form or JSON': '訊息，表單或 JSON',
  'the message, a form or JSON; left out, it is read from standard input': '訊息，表單或 JSON；省略時從標準輸入讀取',
  'only what follows this version': '只要這個版本之後的',

  // Progress and questions
  'The merchant’s key (it is not shown): ': '商戶金鑰（不會顯示）：',
  'Asking the platform': '正在詢問平台',
  'Asking the platform: {0} of {1} payments': '正在詢問平台：{1} 筆中的第 {0} 筆',
  'Posting to the notification URL': '正在向通知網址送出測試',
  'Inspecting the ledger': '正在查看帳本',

  // What can't be used as given
  "error: unknown command '{0}'": '錯誤：沒有 {0} 這個指令',
  "error: unknown option '{0}'": '錯誤：沒有 {0} 這個選項',
  "error: missing required argument '{0}'": '錯誤：缺少參數 {0}',
  "error: too many arguments for '{0}'. Expected {1} argument but got {2}.":
    '錯誤：{0} 只接受 {1} 個參數，卻給了 {2} 個。',
  "error: too many arguments for '{0}'. Expected {1} arguments but got {2}.":
    '錯誤：{0} 只接受 {1} 個參數，卻給了 {2} 個。',
  "error: option '{0}' argument missing": '錯誤：選項 {0} 缺少值',
  "error: option '{0}' argument '{1}' is invalid. {2}": '錯誤：選項 {0} 的值 {1} 不正確。{2}',
  "error: option '{0}' cannot be used with option '{1}'": '錯誤：選項 {0} 不能與 {1} 並用',
  'Allowed choices are {0}.': '可用的值為 {0}。',
  '(Did you mean {0}?)': '（您是否要用 {0}？）',
  '(Did you mean one of {0}?)': '（您是否要用下列之一：{0}？）',
  'It is a whole number, such as 1.': '須為整數，例如 1。',
  'It is a whole number from 1 to {0}.': '須為 1 到 {0} 的整數。',
  'Write it 2026-11-01, 2026-11-01T09:30 or 2026-11-01T01:30:00Z.':
    '請寫成 2026-11-01、2026-11-01T09:30 或 2026-11-01T01:30:00Z。',
  'There is no merchant number: set WANPAY_MERCHANT_NO, or give --merchant.':
    '沒有商戶編號：請設定 WANPAY_MERCHANT_NO，或使用 --merchant。',
  'There is no key: set WANPAY_KEY, or name a file that does with --env.':
    '沒有金鑰：請設定 WANPAY_KEY，或用 --env 指定含有它的檔案。',
  'Which ledger? Give --postgres, --mysql or --sqlite, or set WANPAY_DATABASE_URL.':
    '哪一個帳本？請使用 --postgres、--mysql 或 --sqlite，或設定 WANPAY_DATABASE_URL。',
  '{0} is no order number: it has 1 to 20 digits and upper-case letters (A to Z).':
    '{0} 不是訂單編號：須為 1 至 20 個數字與大寫英文字母（A 到 Z）。',
  "{0} can't be read: {1}.": '無法讀取 {0}：{1}。',
  'there is no such file': '沒有這個檔案',
  'this user may not': '這個使用者沒有權限',
  'it is a folder': '它是資料夾',
  'There is no file {0}.': '沒有檔案 {0}。',
  '--from must be before --to.': '--from 必須早於 --to。',
  'Give ids, or --all, or any of --handler, --from and --to.': '請給投遞的代號，或 --all，或 --handler 與期間。',
  'The ledger knows no handler {0}. The command handlers lists them.':
    '帳本沒有處理函式 {0}。handlers 指令會列出所有處理函式。',
  'A field is written name=value.': '欄位的寫法是 name=value。',
  'There is no message: pipe one in, a form or JSON, or name a file.':
    '沒有訊息：請由管線輸入表單或 JSON，或指定檔案。',
  'The message begins like JSON, but is not valid JSON.': '訊息開頭像 JSON，但不是有效的 JSON。',
  '{0} is in use. An SQLite ledger belongs to one process: stop the host, run this, start it again; or let the host do it, with WanPayService.':
    '{0} 正在使用中。SQLite 帳本只屬於一個行程：請停止應用程式、執行本指令、再啟動；或由應用程式以 WanPayService 執行。',

  // query, reconcile, handlers, retire, dead, replay
  'Order {0} of merchant {1}, as the platform has it': '商戶 {1} 的訂單 {0}，平台的紀錄',
  'Order {0} of merchant {1}: the platform has no such order.': '商戶 {1} 的訂單 {0}：平台沒有這筆訂單。',
  'The ledger has no payment of this number.': '帳本沒有這個編號的付款。',
  'As the ledger has it now': '帳本目前的紀錄',
  'Its history': '歷程',
  status: '狀態',
  'amount, as reported': '金額（平台所報）',
  'payer’s bank': '付款銀行',
  'payer’s account': '付款帳號',
  'transferred at': '轉帳時間',
  state: '狀態',
  amount: '金額',
  livemode: '正式款項',
  'yes: real money': '是：真實款項',
  'no: a test': '否：測試',
  'opened at': '建立時間',
  account: '虛擬帳號',
  'payable until': '繳費期限',
  'paid at': '付款時間',
  payer: '付款人',
  'failed because': '失敗原因',
  'accepted because': '認領原因',
  'other transfer, as reported': '其他轉帳（平台所報）',
  'not in the ledger': '不在帳本',
  'person: accepted the transfer': '人工：認領這筆轉帳',
  'no handler yet': '尚無處理函式',
  '{0}: {1}, attempts: {2}': '{0}：{1}，嘗試 {2} 次',
  'Merchant {0}, {1} to {2} (Taipei)': '商戶 {0}，{1} 至 {2}（台北）',
  payments: '付款筆數',
  'queried now': '本次查詢',
  'not answered for': '沒有得到回覆',
  'settled by notification': '由通知確認',
  'settled by query': '由查詢確認',
  'still open': '尚未付款',
  'with other transfers': '有其他轉帳',
  'unknown orders': '未知訂單',
  'Nothing needs attention.': '沒有需要處理的事項。',
  'The platform gave no answer for {0} payment: run doctor, then this again.':
    '平台沒有回覆 {0} 筆：請執行 doctor，再執行一次本指令。',
  'The platform gave no answer for {0} payments: run doctor, then this again.':
    '平台沒有回覆 {0} 筆：請執行 doctor，再執行一次本指令。',
  'Order {0} of NT${1} is {2}. Other transfers, as reported: {3}. Look at it with query.':
    '訂單 {0}（NT${1}）目前為 {2}。平台所報的其他轉帳：{3}。請用 query 查看。',
  'The platform named {0} order that this ledger never opened: find out whose they are.':
    '平台提到 {0} 筆此帳本從未建立的訂單：請查明屬於誰。',
  'The platform named {0} orders that this ledger never opened: find out whose they are.':
    '平台提到 {0} 筆此帳本從未建立的訂單：請查明屬於誰。',
  handler: '處理函式',
  events: '事件',
  pending: '等待中',
  dead: '死信',
  'last seen (Taipei)': '最後出現（台北）',
  running: '執行中',
  'The ledger knows no handler yet.': '帳本還沒有任何處理函式。',
  'The handler {0} is retired. Dropped deliveries: {1} pending, {2} dead.':
    '已移除處理函式 {0}。捨棄的投遞：等待中 {1} 筆，死信 {2} 筆。',
  'There is no dead letter.': '沒有死信。',
  'There are more: give a greater --limit.': '還有更多：請加大 --limit。',
  'When the cause is gone, deliver them again with replay.': '原因排除後，用 replay 重送。',
  '{0} of order {1} to {2}, given up at {3} after {4} attempt': '訂單 {1} 的 {0} 給 {2}，嘗試 {4} 次後於 {3} 放棄',
  '{0} of order {1} to {2}, given up at {3} after {4} attempts': '訂單 {1} 的 {0} 給 {2}，嘗試 {4} 次後於 {3} 放棄',
  because: '原因',
  id: '代號',
  'To be delivered again: {0} delivery.': '將重送：{0} 筆。',
  'To be delivered again: {0} deliveries.': '將重送：{0} 筆。',
  '{0} can’t be replayed: there is no such delivery, or it is running.': '無法重送 {0}：沒有這個投遞，或它正在執行。',

  // verify
  'The message could mean two things, so it is refused whatever its signature.':
    '訊息可能有兩種解讀，因此不論簽章為何都拒絕。',
  'The signature holds.': '簽章正確。',
  'The signature holds, under key {0} of {1}.': '簽章正確，使用 {1} 把金鑰中的第 {0} 把。',
  'The signature does not hold.': '簽章不正確。',
  'It is no complete notification: {0}': '它不是完整的通知：{0}',
  'It says: {0}.': '內容：{0}。',
  'order {0} of merchant {1} is {2} ({3})': '商戶 {1} 的訂單 {0} 為 {2}（{3}）',
  'And its timestamp is {0} (Taipei), within {1} minutes of now.': '時間戳記為 {0}（台北），與現在相差不到 {1} 分鐘。',
  'But its timestamp is {0} (Taipei), more than {1} minutes from now: a host would not believe it now.':
    '但時間戳記為 {0}（台北），與現在相差超過 {1} 分鐘：應用程式現在不會採信。',
  'It carries no sign at all.': '它沒有 sign。',
  'Its sign has {0} characters, and should be 32 hexadecimal digits.':
    '它的 sign 有 {0} 個字元，應為 32 個十六進位數字。',
  'Its sign is right, but in lower case: it must be upper case.': '它的 sign 正確，但是小寫：必須是大寫。',
  'Its sign is right, but with white space around it.': '它的 sign 正確，但前後有空白。',
  'It holds if {0}.': '若是如此就正確：{0}。',
  'It holds without the field {0}: it was added after signing, or is not signed.':
    '去掉欄位 {0} 就正確：它是簽章後才加上的，或未納入簽章。',
  'It is of merchant {0}, and the key is that of {1}.': '它屬於商戶 {0}，而金鑰屬於 {1}。',
  'Another key signed it, or it was changed on the way: compare the key, and the raw body.':
    '它由另一把金鑰簽章，或在途中被更動：請比對金鑰與原始內容。',
  'the white space around the key is taken away: see how WANPAY_KEY is set':
    '去掉金鑰前後的空白（請看 WANPAY_KEY 如何設定）',
  'the white space around the values is taken away: something put it there after signing':
    '去掉各值前後的空白（簽章後才被加上）',
  'the values are decoded once more: they are still URL-encoded, so the message was encoded twice or not decoded':
    '各值再解碼一次（仍是 URL 編碼，訊息被編碼兩次或沒有解碼）',
  'the values are URL-encoded: the sender must sign them as they are, and encode them afterwards':
    '各值先做 URL 編碼（送方必須以原值簽章，之後才編碼）',
  'spaces are read as +: the message was decoded twice, which turns a + into a space':
    '把空白讀成 +（訊息被解碼兩次，+ 變成空白）',
  'empty fields are signed, too: the sender must leave them out of what it signs':
    '空欄位也納入簽章（送方必須略過空欄位）',
  'the key follows without “&key=” before it': '金鑰前面沒有「&key=」',
  'no key is signed at all: anybody could have made it': '完全沒有金鑰（任何人都能偽造）',
  'the fields are signed in the order in which they came: they must be sorted by name':
    '欄位依到達順序簽章（必須依名稱排序）',
  'the fields are sorted without regard to case: capital letters come before small ones':
    '排序時不分大小寫（大寫必須排在小寫之前）',

  // doctor: verdict and checks
  'All is well.': '一切正常。',
  'Nothing is wrong; {0} thing needs attention.': '沒有錯誤；有 {0} 項需要留意。',
  'Nothing is wrong; {0} things need attention.': '沒有錯誤；有 {0} 項需要留意。',
  '{0} thing is wrong.': '有 {0} 項錯誤。',
  '{0} things are wrong.': '有 {0} 項錯誤。',
  '{0} thing is wrong; needing attention: {1}.': '有 {0} 項錯誤，{1} 項需要留意。',
  '{0} things are wrong; needing attention: {1}.': '有 {0} 項錯誤，{1} 項需要留意。',
  configuration: '設定',
  platform: '平台',
  credentials: '商戶與金鑰',
  egress: '對外位址',
  clock: '時鐘',
  notifications: '通知',
  ledger: '帳本',

  // doctor: configuration
  'Merchant {0} at {1}: {2}.': '商戶 {0}，平台 {1}：{2}。',
  'real money': '真實款項',
  'the vendor’s public test merchant, no real money': '廠商公開的測試商戶，沒有真實款項',
  'not WanPay’s own platform, no real money': '不是 WanPay 自己的平台，沒有真實款項',
  'Correct it in the environment, or in the file that --env names.': '請在環境變數，或 --env 指定的檔案中更正。',
  'Requests to the platform are sent without TLS.': '與平台的連線沒有 TLS。',
  'Begin WANPAY_BASE_URL with https://.': 'WANPAY_BASE_URL 請以 https:// 開頭。',
  'NODE_ENV is production, and no real money moves: payments have livemode false.':
    'NODE_ENV 是 production，卻沒有真實款項：付款的 livemode 為 false。',
  'Set the merchant number and key of your contract, and leave WANPAY_BASE_URL out.':
    '請設定合約的商戶編號與金鑰，並且不要設定 WANPAY_BASE_URL。',
  'The value of {0} has quotes around it, which are a part of it.': '{0} 的值前後有引號，引號成為值的一部分。',
  'Remove the quotes: docker run --env-file and systemd keep them, other readers of such files do not.':
    '請去掉引號：docker run --env-file 與 systemd 會保留引號，其他讀取工具不會。',
  'The value of {0} has white space around it.': '{0} 的值前後有空白。',
  'Remove the white space, such as a line break at its end or the carriage return of a Windows file.':
    '請去掉空白，例如結尾的換行，或 Windows 檔案的歸位字元。',
  'Requests to {0} go through the proxy {1} of the environment.': '送往 {0} 的請求會經過環境設定的代理伺服器 {1}。',
  '{0} is set, and does not apply to {1}.': '已設定 {0}，但不適用於 {1}。',

  // doctor: platform, credentials, egress, clock
  '{0} answers.': '{0} 有回應。',
  'The platform accepts merchant {0} and its key.': '平台接受商戶 {0} 與其金鑰。',
  'The platform accepts requests from here. {0}': '平台接受來自這裡的請求。{0}',
  'They leave through the proxy {0}, and the platform sees the proxy’s address.':
    '請求經由代理伺服器 {0} 送出，平台看到的是代理伺服器的位址。',
  'The address that they leave from is not known.': '不知道請求從哪個位址送出。',
  'They leave this machine from {0}; behind NAT the platform sees the router’s address.':
    '請求從本機的 {0} 送出；若在 NAT 之後，平台看到的是路由器的位址。',
  'The platform signs its replies with another key.': '平台以另一把金鑰為回覆簽章。',
  'Look at WANPAY_KEY, and whether WANPAY_BASE_URL is the platform’s own address.':
    '請檢查 WANPAY_KEY，以及 WANPAY_BASE_URL 是否為平台自己的網址。',
  'The platform refuses merchant {0} or its key (913).': '平台拒絕商戶 {0} 或其金鑰（913）。',
  'Compare WANPAY_MERCHANT_NO and WANPAY_KEY with what the platform gave you: each belongs to the other.':
    '請將 WANPAY_MERCHANT_NO 與 WANPAY_KEY 和平台給的資料核對：兩者是一組的。',
  'The platform refuses requests from here (911): the address is not registered. {0}':
    '平台拒絕來自這裡的請求（911）：位址沒有登記。{0}',
  'Register the address that the platform sees, or use a proxy that is registered (WANPAY_PROXY).':
    '請登記平台看到的位址，或使用已登記的代理伺服器（WANPAY_PROXY）。',
  'If it goes on, ask the vendor, with the code and the time.': '若持續發生，請附上代碼與時間詢問廠商。',
  'The platform refuses our timestamp (910): this machine’s clock is off.':
    '平台拒絕我們的時間戳記（910）：本機時鐘不準。',
  'Correct the clock first, then run this again.': '請先校正時鐘，再執行一次。',
  'The platform refuses a parameter (910), though this machine’s clock agrees with its Date: its own clock, or the form of the merchant number.':
    '平台拒絕某個參數（910），而本機時鐘與它的 Date 一致：可能是平台自己的時鐘，或商戶編號的格式。',
  'Compare WANPAY_MERCHANT_NO with what the platform gave you. An emulator whose clock was moved answers so, too.':
    '請將 WANPAY_MERCHANT_NO 與平台給的核對。時鐘被移動過的模擬器也會這樣回答。',
  'Put user and password into WANPAY_PROXY: http://user:password@host:port.':
    '請在 WANPAY_PROXY 填入帳號與密碼：http://user:password@host:port。',
  'The proxy asks for a user and a password (HTTP 407).': '代理伺服器要求帳號與密碼（HTTP 407）。',
  '{0} answers HTTP {1} without a reply of the protocol: {2}.': '{0} 回應 HTTP {1}，但不是本協定的回覆：{2}。',
  'it is not the platform': '它不是平台',
  'the platform has a failure': '平台發生故障',
  'Look at WANPAY_BASE_URL: it ends with /wxzfservice at the platform and at the emulator.':
    '請檢查 WANPAY_BASE_URL：平台與模擬器的都以 /wxzfservice 結尾。',
  "{0} can't be reached: {1}.": '無法連到 {0}：{1}。',
  '{0}, through the proxy {1},': '{0}（經由代理伺服器 {1}）',
  '{0} answers HTTP {1} and opens no tunnel to {2}.': '{0} 回應 HTTP {1}，不開通往 {2} 的通道。',
  'The proxy {0}': '代理伺服器 {0}',
  'Allow the platform’s host and port in the proxy.': '請在代理伺服器中允許平台的主機與連接埠。',
  'Look at the proxy’s log: it can’t reach the platform itself.': '請看代理伺服器的記錄檔：它自己也連不到平台。',
  'Correct or unset the variable.': '請更正或移除該環境變數。',
  '{0} can’t be used: {1}.': '{0} 無法使用：{1}。',
  'The merchant number and key were not checked: the platform did not get that far.':
    '無法得知商戶編號與金鑰是否正確：平台沒有檢查到這一步。',
  'It is not known whether the platform accepts our address: it did not say.':
    '無法得知平台是否接受我們的位址：它沒有回答。',
  'Not checked, because the configuration is wrong.': '設定有誤，所以沒有檢查。',
  'The platform’s clock is not known: no reply with a Date came.': '不知道平台的時鐘：沒有收到帶有 Date 的回覆。',
  'This machine’s clock agrees with the platform’s.': '本機時鐘與平台一致。',
  'This machine’s clock is {0} s behind the platform’s.': '本機時鐘比平台慢 {0} 秒。',
  'This machine’s clock is {0} s ahead of the platform’s.': '本機時鐘比平台快 {0} 秒。',
  'This machine’s clock is {0} s behind the platform’s; timestamps are valid for {1} minutes.':
    '本機時鐘比平台慢 {0} 秒；時間戳記的有效期為 {1} 分鐘。',
  'This machine’s clock is {0} s ahead of the platform’s; timestamps are valid for {1} minutes.':
    '本機時鐘比平台快 {0} 秒；時間戳記的有效期為 {1} 分鐘。',
  'This machine’s clock is {0} s behind the platform’s; timestamps are valid for {1} minutes, so each side refuses what the other signs.':
    '本機時鐘比平台慢 {0} 秒；時間戳記的有效期為 {1} 分鐘，因此雙方互相拒絕。',
  'This machine’s clock is {0} s ahead of the platform’s; timestamps are valid for {1} minutes, so each side refuses what the other signs.':
    '本機時鐘比平台快 {0} 秒；時間戳記的有效期為 {1} 分鐘，因此雙方互相拒絕。',
  'Have this machine’s clock set by NTP.': '請以 NTP 校正本機時鐘。',

  // doctor: connections
  'its host name can’t be resolved': '主機名稱無法解析',
  'Check the address for a typing error, and the DNS settings of this machine.':
    '請檢查位址有無打錯，以及本機的 DNS 設定。',
  'its network can’t be reached': '無法到達它的網路',
  'Look at this machine’s network, VPN and firewall.': '請檢查本機的網路、VPN 與防火牆。',
  'nothing listens at that address and port': '該位址與連接埠沒有程式在接聽',
  'Check the address and the port, and that the server there runs.': '請檢查位址與連接埠，以及該伺服器是否在執行。',
  'the connection was broken off': '連線被中斷',
  'A firewall or a proxy in between may do so: look at both ends’ logs.':
    '可能是中間的防火牆或代理伺服器造成的：請看兩端的記錄檔。',
  "its certificate can't be trusted ({0})": '它的憑證無法信任（{0}）',
  'Have it renewed, or give Node the authority that signed it with NODE_EXTRA_CA_CERTS.':
    '請更新憑證，或以 NODE_EXTRA_CA_CERTS 把簽發單位交給 Node。',
  'it speaks no TLS ({0})': '它不使用 TLS（{0}）',
  'Look whether http:// is meant, or another port.': '請檢查是否應為 http://，或另一個連接埠。',
  'no answer came in time': '沒有及時回應',
  'A firewall that drops packets looks like this: let this machine out to that address and port.':
    '防火牆捨棄封包時就是這樣：請讓本機可以連到該位址與連接埠。',
  'the connection failed ({0})': '連線失敗（{0}）',
  'for an unknown reason': '原因不明',
  'Look at the network between here and there.': '請檢查兩端之間的網路。',

  // doctor: notifications
  'The platform gets no address for notifications.': '平台沒有得到通知網址。',
  'Set WANPAY_PUBLIC_URL to the address under which the platform reaches the host.':
    '請將 WANPAY_PUBLIC_URL 設為平台可以連到應用程式的網址。',
  '{0} is without TLS: payers’ banks and accounts travel in the open.':
    '{0} 沒有 TLS：付款人的銀行與帳號會以明文傳送。',
  'Use https://.': '請使用 https://。',
  "{0} is in a private network: the platform can't reach it from outside.": '{0} 位於私有網路：平台無法從外部連到。',
  'Set WANPAY_PUBLIC_URL to an address that is reachable from the internet.':
    '請將 WANPAY_PUBLIC_URL 設為可從網際網路連到的網址。',
  "{0} can't be reached from here: {1}.": '從這裡無法連到 {0}：{1}。',
  '{0} answers success to a notification with a wrong signature: anybody can call an order paid.':
    '{0} 對簽章錯誤的通知回覆 success：任何人都能宣稱訂單已付款。',
  'Remove that route. The controller of this module never does this.':
    '請移除那個路由。本模組的 controller 絕不會這樣回應。',
  '{0} answers HTTP {1} to a notification that is refused: a filter of the host turns errors into successes.':
    '{0} 對被拒絕的通知回應 HTTP {1}：應用程式的某個 filter 把錯誤變成成功。',
  'Let the host’s exception filters and interceptors leave this route out, or keep the status of an HttpException.':
    '請讓應用程式的 exception filter 與 interceptor 略過此路由，或保留 HttpException 的狀態碼。',
  '{0} is the module, but the notification did not arrive unchanged ({1}).':
    '{0} 是本模組，但通知在途中被更動（{1}）。',
  'Let nothing in front of the host change the body of the POST.': '應用程式前面的任何設備都不要更動 POST 的內容。',
  '{0} is the module, and takes no notifications from this machine (allowedSources), so nothing more can be checked from here.':
    '{0} 是本模組，但不接受來自本機的通知（allowedSources），因此無法從這裡繼續檢查。',
  'Nothing is wrong as long as the platform’s addresses are on the list. Behind a proxy, let the host trust it.':
    '只要清單中有平台的位址就沒有問題。若在代理伺服器之後，請讓應用程式信任該代理伺服器。',
  '{0} is the module, and refuses a forgery. Tried from here, not from the platform’s network.':
    '{0} 是本模組，並拒絕偽造的通知。這是從此處測試，不是從平台的網路。',
  'Give the host the same WANPAY_MERCHANT_NO and WANPAY_KEY, or --notification-url of the host that serves this one.':
    '請讓應用程式使用相同的 WANPAY_MERCHANT_NO 與 WANPAY_KEY，或以 --notification-url 指定服務此商戶的應用程式。',
  "{0} is the module, but doesn't know this merchant by this key.": '{0} 是本模組，但不認得使用此金鑰的這個商戶。',
  '{0} is the module, behind a limit ({1}): all notifications come from a few addresses.':
    '{0} 是本模組，但前面有頻率限制（{1}）：所有通知都來自少數幾個位址。',
  'Exempt the route from the limit, such as with @SkipThrottle() in notificationDecorators. A notification that is refused with 429 is repeated after 1, 3 and 5 minutes, and then no more.':
    '請讓此路由不受頻率限制，例如在 notificationDecorators 使用 @SkipThrottle()。以 429 拒絕的通知會在 1、3、5 分鐘後重送，之後不再送。',
  '{0} is the module, behind a middleware that makes a session for each notification.':
    '{0} 是本模組，但前面的 middleware 會為每個通知建立 session。',
  'Leave the route out of the session middleware, or give it saveUninitialized: false.':
    '請讓 session middleware 略過此路由，或設定 saveUninitialized: false。',
  'Give the path that the host has with --notification-url or WANPAY_NOTIFICATION_URL: a global prefix, a module’s name or notificationPath changes it. A proxy in front must pass POST on.':
    '請以 --notification-url 或 WANPAY_NOTIFICATION_URL 給出應用程式的實際路徑：全域前綴、模組名稱或 notificationPath 都會改變它。前面的代理伺服器必須轉送 POST。',
  '{0} answers HTTP {1}: {2}.': '{0} 回應 HTTP {1}：{2}。',
  '{0} is not the module: HTTP {1}, {2}.': '{0} 不是本模組：HTTP {1}，{2}。',
  'with an empty body': '內容為空',
  'with “{0}”': '內容為「{0}」',
  '{0} redirects (HTTP {1}) to {2}.': '{0} 重新導向（HTTP {1}）到 {2}。',
  'That looks like a login: exempt the route from it, in the host (notificationDecorators) and in front of it.':
    '看起來是登入頁：請在應用程式（notificationDecorators）與其前面讓此路由免登入。',
  'Use https:// in WANPAY_PUBLIC_URL: the platform follows no redirect.':
    '請在 WANPAY_PUBLIC_URL 使用 https://：平台不會跟隨重新導向。',
  'Configure the address that it leads to: the platform follows no redirect.':
    '請直接設定導向的目的位址：平台不會跟隨重新導向。',
  'a protection against forged forms (CSRF) asks for a token, which the platform does not have':
    '防偽造表單的保護（CSRF）要求 token，而平台沒有',
  'Exempt the route from the CSRF middleware; the signature protects it.':
    '請讓 CSRF middleware 略過此路由；簽章已保護它。',
  'a web application firewall in front of the host blocks the POST':
    '應用程式前面的網站應用程式防火牆（WAF）擋下了 POST',
  'In the firewall, let POSTs to this path pass without a challenge, since the platform answers none. The signature protects it.':
    '請在防火牆放行此路徑的 POST，也不要要求驗證（challenge），因為平台不會回答。簽章已保護它。',
  'a guard of the host refuses, not the module': '是應用程式的 guard 拒絕，不是本模組',
  'Exempt the route from the host’s guards (notificationDecorators): the platform has neither login nor role.':
    '請讓應用程式的 guard 略過此路由（notificationDecorators）：平台不會登入，也沒有角色。',
  'something in front of the host, or a middleware of the host, refuses it':
    '應用程式前面的設備，或應用程式的 middleware 拒絕了它',
  'Look for a firewall, a list of addresses or an access rule of the proxy, and let POSTs to this path pass. A list of addresses must hold the platform’s, not this machine’s.':
    '請檢查防火牆、位址清單或代理伺服器的存取規則，並放行此路徑的 POST。位址清單必須有平台的位址，而不是本機的。',
  'the host is there, but has no such route; a global prefix, a version or a module’s path may be missing':
    '應用程式有回應，但沒有這個路由；可能少了全域前綴、版本或模組的路徑',
  'no notifications are received there, and the answer does not look like a Nest host’s':
    '那裡不接收通知，回應也不像 Nest 應用程式',
  'Look whether the proxy in front leads this path to the host. {0}':
    '請檢查前面的代理伺服器是否把此路徑轉到應用程式。{0}',
  'the proxy in front has no host to pass it on to': '前面的代理伺服器沒有可以轉送的應用程式',
  'Look whether the host runs and passes the proxy’s health check, and whether a maintenance page is on. The platform tries four times in nine minutes. After that the module queries the payment on schedule.':
    '請檢查應用程式是否在執行並通過代理伺服器的健康檢查，以及是否開著維護頁。平台會在九分鐘內嘗試四次，之後由本模組依排程查詢。',
  'the host is there, but is not available at the moment': '應用程式有回應，但目前無法服務',
  'Look at the host’s log: it starts or stops, or its ledger or its registry of merchants can’t be reached.':
    '請看應用程式的記錄檔：它正在啟動或停止，或連不到帳本或商戶登記處。',
  'a guard of the host, or something in front of it, asks for a login': '應用程式的 guard 或其前面的設備要求登入',
  'Exempt the route from the host’s guards (notificationDecorators) and from any login in front of it.':
    '請讓應用程式的 guard（notificationDecorators）與前面的登入略過此路由。',
  'the address exists, but takes no POST': '位址存在，但不接受 POST',
  'Files, a CDN or another route may answer there. {0}': '那裡可能是檔案、CDN 或另一個路由在回應。{0}',
  'the host reads no forms': '應用程式不讀取表單',
  'Let nothing in front of the module refuse application/x-www-form-urlencoded on this path: neither a body parser nor a rule that asks for JSON.':
    '本模組前面的任何東西都不要拒絕此路徑的 application/x-www-form-urlencoded：包括 body parser 與要求 JSON 的規則。',
  'a limit in the host or in front of it refuses further requests': '應用程式或其前面的頻率限制拒絕更多請求',
  'Exempt the route from the limit, such as with @SkipThrottle() in notificationDecorators: all notifications come from a few addresses.':
    '請讓此路由不受頻率限制，例如在 notificationDecorators 使用 @SkipThrottle()：所有通知都來自少數幾個位址。',
  'the host failed, before the module or in it': '應用程式在本模組之前或之內發生錯誤',
  'Look at the host’s log.': '請看應用程式的記錄檔。',
  'the proxy in front can’t reach the host, or the host broke off':
    '前面的代理伺服器連不到應用程式，或應用程式中斷了連線',
  'Look whether the host runs and listens where the proxy looks for it: address, port, TLS or not.':
    '請檢查應用程式是否在執行，且代理伺服器所用的位址、連接埠與 TLS 設定是否正確。',
  'the host did not answer the proxy in time': '應用程式沒有及時回應代理伺服器',
  'Look at the host’s log and at its load. A host that waits for a body that a middleware has read already hangs like this.':
    '請看應用程式的記錄檔與負載。等待已被 middleware 讀走的內容時，應用程式會這樣卡住。',

  // doctor: ledger
  'No ledger was named: give --postgres, --mysql or --sqlite, or set WANPAY_DATABASE_URL.':
    '沒有指定帳本：請使用 --postgres、--mysql 或 --sqlite，或設定 WANPAY_DATABASE_URL。',
  'The PostgreSQL ledger is reachable, and its tables are up to date (version {0}).':
    'PostgreSQL 帳本可以連到，資料表是最新的（版本 {0}）。',
  'The MySQL ledger is reachable, and its tables are up to date (version {0}).':
    'MySQL 帳本可以連到，資料表是最新的（版本 {0}）。',
  '{0} is a ledger, up to date (version {1}), and not in use.':
    '{0} 是帳本，資料表是最新的（版本 {1}），目前沒有行程使用它。',
  'Handlers found: {0}. Deliveries: {1} pending, {2} dead.': '找到的處理函式：{0}。投遞：等待中 {1} 筆，死信 {2} 筆。',
  none: '無',
  'PostgreSQL runs with {0} off: commits may be lost.': 'PostgreSQL 的 {0} 是關閉的：已提交的資料可能遺失。',
  'Set it to on again (postgresql.conf, ALTER SYSTEM, ALTER ROLE or ALTER DATABASE): a payment that was acknowledged is lost with the server, and the platform does not repeat it.':
    '請重新開啟（postgresql.conf、ALTER SYSTEM、ALTER ROLE 或 ALTER DATABASE）：伺服器故障時，已確認的付款會遺失，而平台不會重送。',
  'Look at the name; a host that starts makes its file by itself.': '請檢查檔名；應用程式啟動時會自行建立檔案。',
  '{0} holds no ledger yet.': '{0} 還沒有帳本。',
  '{0} is at version {1}, and {2} is current.': '{0} 是版本 {1}，目前為 {2}。',
  'Start the host once: it brings the file up to date by itself.': '請啟動應用程式一次：它會自行更新檔案。',
  'Payments of the last {0} days with transfers that did not pay them: {1}.':
    '最近 {0} 天內，有轉帳卻未付清的付款：{1} 筆。',
  'Find them with reconcile --from: a wrong amount or a second transfer is refunded, unclaimed money is decided on with wanpay.acceptPayment().':
    '請用 reconcile --from 找出：金額錯誤或第二筆轉帳應退款，無人認領的款項以 wanpay.acceptPayment() 決定。',
  'Orders of the last {0} days that WanPay reported and this ledger never opened: {1}.':
    '最近 {0} 天內，WanPay 提到而此帳本從未建立的訂單：{1} 筆。',
  'Find out whose they are: another system may use the same merchant number, or this ledger was reset or restored.':
    '請查明屬於誰：可能有另一個系統使用相同的商戶編號，或此帳本被重設或還原過。',
  'Deliveries given up because a handler of the host kept failing: {0}.':
    '因應用程式的處理函式一再失敗而放棄的投遞：{0} 筆。',
  'See why with the command dead. When the cause is gone, deliver them again with replay.':
    '請用 dead 指令查看原因。原因排除後，用 replay 重送。',
  'Deliveries that wait for the handler {0}, which no process has: {1}.':
    '等待處理函式 {0} 的投遞：{1} 筆，但沒有行程擁有它。',
  'Deploy the handler, or drop its deliveries for good with the command retire {0}.':
    '請部署該處理函式，或用 retire {0} 指令永久捨棄它的投遞。',
  'A delivery has been due for {0} minutes.': '有投遞已到期 {0} 分鐘。',
  'Is a host running on this ledger, with delivery.enabled?': '是否有應用程式使用此帳本，且 delivery.enabled 為開啟？',
  'A payment’s check has been due for {0} minutes.': '有付款的查詢已到期 {0} 分鐘。',
  'Is a host running on this ledger, with reconciliation.enabled, and does the platform answer it?':
    '是否有應用程式使用此帳本，且 reconciliation.enabled 為開啟？平台是否回應它？',
  '{0} is in use, and its log is gone: the host refuses every notification.':
    '{0} 正在使用中，而它的 -wal 檔案不見了：應用程式會拒絕所有通知。',
  'Find out what deleted the log, and restart the host: its own log says whether anything was lost.':
    '請查明誰刪除了 -wal 檔案，並重新啟動應用程式：應用程式的記錄檔會說明是否有資料遺失。',
  "{0} is in use, probably by the host, so it can't be inspected now.":
    '{0} 正在使用中，應該是應用程式在使用，因此現在無法檢查。',
  'The database has no tables of the ledger, and version {0} is needed.': '資料庫沒有帳本的資料表，需要版本 {0}。',
  'The database is at version {0}, and version {1} is needed.': '資料庫是版本 {0}，需要版本 {1}。',
  'The schema {0} has no tables of the ledger, and version {1} is needed.':
    'schema {0} 沒有帳本的資料表，需要版本 {1}。',
  'The schema {0} is at version {1}, and version {2} is needed.': 'schema {0} 是版本 {1}，需要版本 {2}。',
  'Start a host that may migrate, or run what this prints: {0}':
    '請啟動可以移轉資料表的應用程式，或執行此指令印出的 SQL：{0}',
  "The ledger's tables in schema {0} are at version {1}, and {2} is needed. Start once without migrate: false, or run the SQL of {3} with a version above {4}.":
    'schema {0} 的帳本資料表是版本 {1}，需要版本 {2}。請不設 migrate: false 啟動應用程式一次，或執行 {3} 中版本 {4} 之後的 SQL。',
  "The ledger's tables are at version {0}, and {1} is needed. Start once without migrate: false, or run the SQL of {2} with a version above {3}.":
    '帳本的資料表是版本 {0}，需要版本 {1}。請不設 migrate: false 啟動應用程式一次，或執行 {2} 中版本 {3} 之後的 SQL。',
  'Update nestjs-wanpay.': '請更新 nestjs-wanpay。',
  'Look at the address of the ledger, and at what it runs on.': '請檢查帳本的位址，以及它執行的環境。',
};
