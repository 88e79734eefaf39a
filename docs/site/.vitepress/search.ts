import type { DefaultTheme } from 'vitepress';

/** The search of the site, which runs in the browser. */
export const SEARCH: DefaultTheme.LocalSearchOptions = {
  miniSearch: { options: { tokenize: toWords } },
  locales: {
    'zh-TW': {
      translations: {
        button: { buttonText: '搜尋', buttonAriaLabel: '搜尋文件' },
        modal: {
          displayDetails: '顯示詳細內容',
          resetButtonTitle: '清除搜尋',
          backButtonTitle: '關閉搜尋',
          noResultsText: '找不到符合的內容：',
          footer: {
            selectText: '前往',
            selectKeyAriaLabel: 'Enter 鍵',
            navigateText: '選擇',
            navigateUpKeyAriaLabel: '向上鍵',
            navigateDownKeyAriaLabel: '向下鍵',
            closeText: '關閉',
            closeKeyAriaLabel: 'Esc 鍵',
          },
        },
      },
    },
  },
};

/**
 * Chinese is written without spaces, so that a sentence would be one word: it is looked up by its pairs of characters. The text of
 * this function is sent to the browser, so it uses nothing from outside.
 */
function toWords(text: string): string[] {
  return text
    .split(/[\n\r\p{Z}\p{P}]+|(\p{Script=Han}+)/u)
    .filter((word) => word !== undefined && word !== '')
    .flatMap((word) =>
      /^\p{Script=Han}{3,}$/u.test(word)
        ? Array.from({ length: word.length - 1 }, (_, at) => word.slice(at, at + 2))
        : [word],
    );
}
