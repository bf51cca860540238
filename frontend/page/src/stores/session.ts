import { defineStore } from "pinia";
import { ref } from "vue";
import { api } from "../api";

/** Whose page this is: the practice's token, for as long as the tab is open. */
export const useSession = defineStore("session", () => {
  const token = ref(sessionStorage.getItem("token") ?? "");

  function signIn(value: string): void {
    token.value = value;
    sessionStorage.setItem("token", value);
  }

  function signOut(): void {
    token.value = "";
    sessionStorage.removeItem("token");
  }

  async function openPractice(name: string): Promise<void> {
    signIn((await api.openWorkspace(name)).token);
  }

  return { token, signIn, signOut, openPractice };
});
