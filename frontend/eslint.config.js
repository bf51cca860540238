import vue from "eslint-plugin-vue";
import { defineConfig } from "eslint/config";
import tseslint from "typescript-eslint";
import vueParser from "vue-eslint-parser";

export default defineConfig(
  { ignores: ["**/dist/", "**/sourcemaps/", "**/*.gen.ts"] },
  {
    files: ["**/*.ts", "**/*.vue"],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true, extraFileExtensions: [".vue"] } },
    rules: {
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
      "max-lines": ["error", 300],
    },
  },
  {
    files: ["**/*.vue"],
    extends: [vue.configs["flat/recommended"]],
    languageOptions: { parser: vueParser, parserOptions: { parser: tseslint.parser } },
    rules: {
      // The page's layout is the formatter's, which has no opinion on attributes.
      "vue/max-attributes-per-line": "off",
      "vue/singleline-html-element-content-newline": "off",
      "vue/html-self-closing": "off",
    },
  },
  {
    // Vectors hold values of every type, and hostile ones of none.
    files: ["**/test/**"],
    rules: { "@typescript-eslint/no-unsafe-argument": "off", "@typescript-eslint/only-throw-error": "off" },
  },
);
