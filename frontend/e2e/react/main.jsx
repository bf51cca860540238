/** A React application that fails in a component and in a handler. */
import { errorHandlers, initSentry } from "@pazpaz/otel-browser/react";
import { useState } from "react";
import { createRoot } from "react-dom/client";

initSentry({ pages: ["/clients/:id"], replay: { sessionSampleRate: 1 } });

const name = new URLSearchParams(location.search).get("name") ?? "";

function Client({ isBroken }) {
  if (isBroken) throw new Error("The component failed");
  return <p className={name}>{name}</p>;
}

function Page() {
  const [isBroken, setBroken] = useState(false);
  const fail = () => {
    throw new TypeError(`No file for ${name}`);
  };
  return (
    <main>
      <Client isBroken={isBroken} />
      <form>
        <button id="fail" type="button" onClick={fail}>Fail</button>
      </form>
      <button id="break" type="button" onClick={() => setBroken(true)}>Break</button>
    </main>
  );
}

history.replaceState({}, "", `/clients/${name}${location.search}`);
createRoot(document.querySelector("#app"), errorHandlers).render(<Page />);
