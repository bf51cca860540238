import { createRouter, createWebHistory } from "vue-router";
import { pages } from "./pages";
import { useSession } from "./stores/session";

export const router = createRouter({
  history: createWebHistory(),
  routes: [
    { path: pages.home, redirect: pages.appointments },
    { path: pages.signIn, component: () => import("./views/SignIn.vue") },
    { path: pages.clients, name: "client-list", component: () => import("./views/ClientList.vue") },
    { path: pages.client, component: () => import("./views/ClientDetail.vue"), props: true },
    { path: pages.appointments, component: () => import("./views/AppointmentList.vue") },
    { path: pages.note, component: () => import("./views/SessionNote.vue"), props: true },
    { path: pages.diagnostics, component: () => import("./views/DiagnosticsPage.vue") },
    { path: "/:pathMatch(.*)*", component: () => import("./views/NotFound.vue") },
  ],
});

/** Pages that need no practice. */
const OPEN: readonly string[] = [pages.signIn, pages.diagnostics, "/:pathMatch(.*)*"];

router.beforeEach((to) => OPEN.includes(to.matched[0]?.path ?? "") || useSession().token !== "" || pages.signIn);
