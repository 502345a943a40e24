import { createRoot } from "react-dom/client";
import { App } from "./App.jsx";
import { applyTheme } from "./shell/theme.js";
import "./styles/index.css";

applyTheme();
createRoot(document.getElementById("page")).render(<App />);
