// The page's few pictures, as shapes of the current colour.
const Icon = ({ children }) => (
  <svg className="icon" viewBox="0 0 20 20" width="20" height="20" fill="none" stroke="currentColor" strokeWidth="1.6" strokeLinecap="round" strokeLinejoin="round" aria-hidden="true">
    {children}
  </svg>
);

export const Bolt = () => <Icon><path d="M11 2.5 4.5 11.5H10L9 17.5l6.5-9H10z" /></Icon>;
export const Burger = () => <Icon><path d="M3 5.5h14M3 10h14M3 14.5h14" /></Icon>;
export const Close = () => <Icon><path d="m5 5 10 10M15 5 5 15" /></Icon>;
export const Back = () => <Icon><path d="M12 4.5 6.5 10l5.5 5.5" /></Icon>;
export const Send = () => <Icon><path d="M3 16.5 17.5 10 3 3.5l2 6.5zM5 10h6" /></Icon>;
export const Lock = () => <Icon><rect x="4.5" y="9" width="11" height="7.5" rx="1.5" /><path d="M7 9V6.5a3 3 0 0 1 6 0V9" /></Icon>;
export const Hash = () => <Icon><path d="M8 3 6.5 17M13.500 3 12 17M3.500 7.500h14M2.500 12.500h14" /></Icon>;
export const Eye = () => <Icon><path d="M1.800 10S5 4.500 10 4.500 18.200 10 18.200 10 15 15.500 10 15.500 1.800 10 1.800 10z" /><circle cx="10" cy="10" r="2.300" /></Icon>;
export const Reply = () => <Icon><path d="M3 4.500h14v9H9l-4 3.500v-3.500H3z" /></Icon>;
export const Moon = () => <Icon><path d="M16.500 12A7 7 0 0 1 8 3.500a7 7 0 1 0 8.500 8.500z" /></Icon>;
export const Sun = () => <Icon><circle cx="10" cy="10" r="3.300" /><path d="M10 1.800v2M10 16.200v2M1.800 10h2M16.200 10h2M4.200 4.200l1.400 1.400M14.400 14.400l1.400 1.400M4.200 15.800l1.400-1.400M14.400 5.600l1.400-1.400" /></Icon>;
export const Sliders = () => <Icon><path d="M3 6h8M15 6h2M3 14h2M9 14h8" /><circle cx="13" cy="6" r="2" /><circle cx="7" cy="14" r="2" /></Icon>;
export const Home = () => <Icon><path d="m3 9 7-6 7 6v8h-4.500v-5h-5v5H3z" /></Icon>;

/** Dialtone's own: a dial pad. */
export const DialPad = () => (
  <svg viewBox="0 0 32 32" aria-hidden="true" className="dialpad">
    <g fill="currentColor">
      {[9, 16, 23].flatMap((y) => [9, 16, 23].map((x) => <circle key={`${x} ${y}`} cx={x} cy={y} r="2.5" />))}
    </g>
  </svg>
);
